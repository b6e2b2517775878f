#pragma once

#include <string>
#include <string_view>

namespace forger::commands {

/// A message of the library, which speaks of options ("or option resize"), in the words of the program ("or --resize").
std::string in_flags(std::string_view message);

/// The same for a command that calls one of its flags otherwise: "option resize" becomes `flag`.
std::string in_flags(std::string message, std::string_view option, std::string_view flag);

}  // namespace forger::commands
