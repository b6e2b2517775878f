#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace forger {

/// A field of a message in the wire format of Protocol Buffers.
struct WireField {
  int number = 0;
  /// Of a whole number, as the two's complement of 64 bits, or of four or eight bytes as they lie; else 0.
  uint64_t value = 0;
  /// Of text, bytes or another message, whose bytes stay where they are; else none.
  std::optional<std::string_view> bytes = {};

  int64_t integer() const { return static_cast<int64_t>(value); }
};

/// Reads the fields of a message, one after the other. Knows all that the format has but the groups of its first days.
class WireReader {
 public:
  explicit WireReader(std::string_view message) : rest_(message) {}

  /// The next field, none behind the last. Throws Error where the message ends amidst one, or has what is none.
  std::optional<WireField> next();

  /// All whole numbers of a field that may have many: one, or several in a row.
  static std::vector<int64_t> integers(const WireField& field);

 private:
  uint64_t variable_length();
  std::string_view taken(uint64_t bytes);
  uint64_t fixed(size_t bytes);

  std::string_view rest_;
};

}  // namespace forger
