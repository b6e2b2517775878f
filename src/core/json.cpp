#include "core/json.h"

#include <fmt/format.h>

#include <string_view>

#include "core/utf8.h"

namespace forger {

std::string json_text(const nlohmann::ordered_json& json, int indent) {
  const std::string dumped =
      json.dump(indent, ' ', /*ensure_ascii=*/false, nlohmann::ordered_json::error_handler_t::replace);
  std::string text;
  for (std::string_view rest = dumped; !rest.empty();) {
    const auto character = rest.substr(0, character_size(rest));
    // Those of one byte up to 0x1F are the dump's own line breaks.
    if (steers(character) && character != "\n") {
      text += fmt::format("\\u{:04x}", code_point(character));
    } else {
      text += character;
    }
    rest.remove_prefix(character.size());
  }
  return text;
}

}  // namespace forger
