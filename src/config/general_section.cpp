#include <algorithm>

#include "config/game_table.h"
#include "config/option_helpers.h"
#include "config/sections.h"
#include "core/fail.h"
#include "core/text.h"

namespace forger {
namespace {

/// A recipe's name becomes a part of folder names.
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 100 && text.find('/') == std::string_view::npos &&
         std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

/// "What is trained: generation makes images from a latent; ..."
std::string explanation_of_games() {
  std::vector<std::string> lines;
  for (const auto& game : games()) lines.push_back(game.name + " " + game.explanation);
  return fmt::format("What is trained: {}.", join(lines, "; "));
}

}  // namespace

Section general_section() {
  return {"",
          {
              {"recipe",
               place<&Config::recipe>,
               {.form = is_name, .form_in_words = "a name of at most 100 bytes without \"/\""},
               "The recipe's name, for people and folder names."},
              {"game", place<&Config::game>, words(game_names()), explanation_of_games()},
          }};
}

}  // namespace forger
