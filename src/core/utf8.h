#pragma once

#include <string>
#include <string_view>

namespace forger {

/// Whether the bytes are well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above
/// U+10FFFF.
bool is_utf8(std::string_view bytes);

/// Foreign text for a message: one short line of UTF-8. Control characters and broken bytes become `\xNN`,
/// and what goes beyond some 80 bytes becomes "…".
std::string for_message(std::string_view text);

}  // namespace forger
