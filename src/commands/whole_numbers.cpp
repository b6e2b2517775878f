#include "commands/whole_numbers.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>

namespace forger::commands {
namespace {

/// What is wrong with the number, or "". Whether it is a number at all is the parser's to say.
template <class Number>
std::string range_error(const std::string& text, Number (*parse)(const char*, char**, int)) {
  errno = 0;
  parse(text.c_str(), nullptr, 0);
  if (errno != ERANGE) return "";
  return fmt::format("received {}, accepted: at most {}", text, std::numeric_limits<Number>::max());
}

}  // namespace

void refuse_too_large_numbers(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    const std::string type = option->get_type_name();
    if (type.starts_with("INT")) {
      option->check([](const std::string& text) { return range_error(text, std::strtoll); }, "", "fits");
    } else if (type.starts_with("UINT")) {
      option->check([](const std::string& text) { return range_error(text, std::strtoull); }, "", "fits");
    }
  }
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) refuse_too_large_numbers(*command);
}

}  // namespace forger::commands
