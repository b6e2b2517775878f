#include "core/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace forger {

uint32_t code_point(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return lead;
  uint32_t code = lead & (0x7Fu >> character.size());
  for (const char next : character.substr(1)) code = code << 6 | (static_cast<unsigned char>(next) & 0x3Fu);
  return code;
}

bool steers(std::string_view character) {
  const uint32_t code = code_point(character);
  const auto between = [&](uint32_t first, uint32_t last) { return code >= first && code <= last; };
  // C0 and C1 controls, line and paragraph separators, and what turns the direction of writing (Unicode TR 9).
  return between(0, 0x1F) || between(0x7F, 0x9F) || between(0x2028, 0x202E) || between(0x2066, 0x2069) ||
         between(0x200E, 0x200F) || code == 0x061C || code == 0xFEFF;
}

size_t character_size(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes[0]);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (bytes.size() < size) return 0;
  uint32_t code = lead & (0x7Fu >> size);
  for (size_t i = 1; i < size; ++i) {
    const auto next = static_cast<unsigned char>(bytes[i]);
    if ((next & 0xC0) != 0x80) return 0;
    code = code << 6 | (next & 0x3Fu);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return code < kLeast[size] || code > 0x10FFFF || surrogate ? 0 : size;
}

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t size = character_size(bytes);
    if (size == 0) return false;
    bytes.remove_prefix(size);
  }
  return true;
}

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const size_t size = character_size(text);
    const auto character = text.substr(0, std::max<size_t>(size, 1));
    if (size == 0 || steers(character)) {
      for (const char byte : character) result += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    } else {
      result += character;
    }
    text.remove_prefix(character.size());
  }
  return result;
}

std::string for_message(std::string_view text) {
  constexpr size_t kLongest = 80;
  std::string result;
  while (!text.empty()) {
    if (result.size() >= kLongest) return result + "…";
    const size_t size = std::max<size_t>(character_size(text), 1);
    result += printable(text.substr(0, size));
    text.remove_prefix(size);
  }
  return result;
}

}  // namespace forger
