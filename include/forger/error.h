#pragma once

#include <stdexcept>
#include <string>

namespace forger {

/// The one exception of the library for what goes wrong. Its message says what failed, the value received, what is
/// accepted and where, in one line that a person can act on.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
};

}  // namespace forger
