#include "onnx/wire_message.h"

#include <cstring>

namespace forger {
namespace {

/// How a field's value lies behind its key.
enum WireType : uint64_t { variable = 0, sized = 2, four_bytes = 5 };

uint64_t key_of(int field, WireType type) { return (static_cast<uint64_t>(field) << 3U) | type; }

}  // namespace

void WireMessage::variable_length(uint64_t value) {
  constexpr uint64_t kLow = 0x7F, kMore = 0x80;
  for (; value > kLow; value >>= 7U) bytes_ += static_cast<char>((value & kLow) | kMore);
  bytes_ += static_cast<char>(value);
}

void WireMessage::number(int field, int64_t value) {
  variable_length(key_of(field, variable));
  variable_length(static_cast<uint64_t>(value));
}

void WireMessage::real(int field, float value) {
  variable_length(key_of(field, four_bytes));
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  bytes_.append(raw, sizeof value);
}

void WireMessage::begin(int field, int64_t size) {
  variable_length(key_of(field, sized));
  variable_length(static_cast<uint64_t>(size));
}

void WireMessage::bytes(int field, std::string_view value) {
  begin(field, static_cast<int64_t>(value.size()));
  bytes_ += value;
}

}  // namespace forger
