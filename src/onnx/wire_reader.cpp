#include "onnx/wire_reader.h"

#include "core/fail.h"

namespace forger {

uint64_t WireReader::variable_length() {
  constexpr uint64_t kLow = 0x7F, kMore = 0x80;
  constexpr int kBitsOfByte = 7, kBits = 64;
  uint64_t value = 0;
  for (int shift = 0; shift < kBits; shift += kBitsOfByte) {
    const auto byte = static_cast<unsigned char>(taken(1)[0]);
    value |= (byte & kLow) << static_cast<unsigned>(shift);
    if ((byte & kMore) == 0) return value;
  }
  fail("a number of more than {} bits", kBits);
}

std::string_view WireReader::taken(uint64_t bytes) {
  if (bytes > rest_.size()) fail("it ends {} bytes too early", bytes - rest_.size());
  const auto front = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return front;
}

uint64_t WireReader::fixed(size_t bytes) {
  const auto raw = taken(bytes);
  uint64_t value = 0;
  for (size_t i = bytes; i-- > 0;) value = value << 8U | static_cast<unsigned char>(raw[i]);
  return value;
}

std::optional<WireField> WireReader::next() {
  constexpr uint64_t kTypeBits = 3, kTypes = 7, kMostNumber = (1U << 29U) - 1;
  enum Type : uint64_t { variable = 0, eight_bytes = 1, sized = 2, four_bytes = 5 };
  if (rest_.empty()) return std::nullopt;
  const auto key = variable_length();
  const auto number = key >> kTypeBits;
  if (number == 0 || number > kMostNumber) fail("a field of the number {}", number);
  WireField field{.number = static_cast<int>(number)};
  switch (key & kTypes) {
    case variable: field.value = variable_length(); break;
    case eight_bytes: field.value = fixed(8); break;
    case sized: field.bytes = taken(variable_length()); break;
    case four_bytes: field.value = fixed(4); break;
    default: fail("a field of the kind {}", key & kTypes);
  }
  return field;
}

std::vector<int64_t> WireReader::integers(const WireField& field) {
  if (!field.bytes) return {field.integer()};
  std::vector<int64_t> numbers;
  WireReader packed(*field.bytes);
  while (!packed.rest_.empty()) numbers.push_back(static_cast<int64_t>(packed.variable_length()));
  return numbers;
}

}  // namespace forger
