#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

#include "forger/error.h"

namespace forger {

/// Throws Error with a formatted message: `fail("{}: received {}, accepted: {}", ...)`.
template <class... Arguments>
[[noreturn]] void fail(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  throw Error(fmt::format(format, std::forward<Arguments>(arguments)...));
}

}  // namespace forger
