#pragma once

#include <string_view>

namespace forger {

/// A data file that the build puts into the library (cmake/embed.cmake): its name without the extension, and its text.
struct Embedded {
  std::string_view name;
  std::string_view text;
};

}  // namespace forger
