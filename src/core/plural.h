#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace forger {

/// A count of things: "1 image", "2 images". `what`: one of them; its plural ends in s.
inline std::string counted(int64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// The same in front of what they are: "1 image is", "2 images are".
inline std::string counted_are(int64_t count, std::string_view what) {
  return fmt::format("{} {}", counted(count, what), count == 1 ? "is" : "are");
}

}  // namespace forger
