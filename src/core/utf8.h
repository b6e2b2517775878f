#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace forger {

/// Whether the bytes are well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above
/// U+10FFFF.
bool is_utf8(std::string_view bytes);

/// Bytes of the character that `bytes` (not empty) starts with, or 0 when it is not well-formed.
size_t character_size(std::string_view bytes);

/// The number of a well-formed character.
uint32_t code_point(std::string_view character);

/// Whether a well-formed character steers a terminal or a reader instead of being seen: control characters (C0, C1),
/// line separators, changes of the direction of writing.
bool steers(std::string_view character);

/// Foreign text, such as a file's name, on its way to a person: one line of UTF-8. The bytes of characters that steer,
/// and broken bytes, become `\xNN`. Text that was made safe stays as it is.
std::string printable(std::string_view text);

/// The same, short: what goes beyond some 80 bytes becomes "…".
std::string for_message(std::string_view text);

}  // namespace forger
