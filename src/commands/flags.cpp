#include "commands/flags.h"

#include <array>
#include <utility>

namespace forger::commands {
namespace {

/// What messages may name, and what the program calls it. A longer name stands before one that it begins with.
constexpr std::array<std::pair<std::string_view, std::string_view>, 17> kFlags = {{
    {"data.source", "--set data.source=PLACE"},
    {"data", "--data PLACE"},
    {"direction", "--direction"},
    {"half", "--half"},
    {"inception", "--inception"},
    {"low", "--low"},
    {"opset", "--opset"},
    {"pairs", "--pairs"},
    {"part", "--part"},
    {"precision", "--precision"},
    {"pristine", "--pristine"},
    {"quality", "--quality"},
    {"resize", "--resize"},
    {"scale", "--scale"},
    {"size", "--size"},
    {"split:", "--split"},
    {"tile", "--tile"},
}};

}  // namespace

std::string in_flags(std::string message, std::string_view option, std::string_view flag) {
  const std::string wanted = "option " + std::string(option);
  for (size_t place = 0; (place = message.find(wanted, place)) != std::string::npos; place += flag.size()) {
    message.replace(place, wanted.size(), flag);
  }
  return message;
}

std::string in_flags(std::string_view message) {
  std::string text(message);
  for (const auto& [option, flag] : kFlags) text = in_flags(std::move(text), option, flag);
  return text;
}

}  // namespace forger::commands
