#include "config/game_table.h"

#include <algorithm>

#include "config/autoencoding_section.h"
#include "config/upscaler_section.h"
#include "core/fail.h"
#include "core/text.h"
#include "core/utf8.h"

namespace forger {

const std::vector<GameRow>& games() {
  static const std::vector<GameRow> table = {
      {.name = "generation", .explanation = "makes images from a latent", .data = DataKind::images},
      {.name = "autoencoding",
       .explanation = "also finds an image's latent",
       .data = DataKind::images,
       .sections = {encoder_section(), code_discriminator_section(), pixel_discriminator_section(),
                    autoencoding_section(), detector_section()},
       .check = check_autoencoding,
       .has_discriminator = [](const Config& config) { return config.autoencoding.adversary > 0; }},
      {.name = "super-resolution",
       .explanation = "makes larger images of images",
       .data = DataKind::images,
       .sections = {upscaler_section()}},
  };
  return table;
}

std::vector<std::string> game_names() {
  std::vector<std::string> names;
  for (const auto& game : games()) names.push_back(game.name);
  return names;
}

const GameRow& game_named(std::string_view name) {
  for (const auto& game : games()) {
    if (game.name == name) return game;
  }
  fail("game: received \"{}\", accepted: {}{}", for_message(name), join(game_names()),
       did_you_mean(name, game_names()));
}

bool reads_section(std::string_view game, std::string_view section) {
  bool only_others = false;
  for (const auto& row : games()) {
    const bool reads = std::any_of(row.sections.begin(), row.sections.end(),
                                   [&](const Section& known) { return known.name == section; });
    if (reads && row.name == game) return true;
    only_others = only_others || reads;
  }
  return !only_others;
}

}  // namespace forger
