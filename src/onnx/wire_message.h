#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace forger {

/// A message in the wire format of Protocol Buffers, field by field, as ONNX files are made of.
class WireMessage {
 public:
  /// A whole number; a negative one as the two's complement of 64 bits.
  void number(int field, int64_t value);
  void real(int field, float value);
  /// Text, bytes, or another message's bytes.
  void bytes(int field, std::string_view value);
  void message(int field, const WireMessage& value) { bytes(field, value.bytes()); }
  /// The beginning of a field of `size` bytes that are written behind it.
  void begin(int field, int64_t size);

  const std::string& bytes() const { return bytes_; }
  int64_t size() const { return static_cast<int64_t>(bytes_.size()); }

 private:
  void variable_length(uint64_t value);

  std::string bytes_;
};

}  // namespace forger
