#include "config/game_table.h"

#include <algorithm>

#include "config/autoencoding_section.h"
#include "config/paired_translation_section.h"
#include "config/sections.h"
#include "config/super_resolution_section.h"
#include "config/translator_section.h"
#include "config/upscaler_section.h"
#include "core/fail.h"
#include "core/text.h"
#include "core/utf8.h"

namespace forger {

namespace {

void add_discriminator(const Config& config, std::vector<PlayerRow>& players) {
  if (config.has_discriminator()) players.push_back({"discriminator", "discriminator", &config.discriminator});
}

std::vector<PlayerRow> generation_players(const Config& config) {
  std::vector<PlayerRow> players = {{"generator", "generator", &config.generator, config.generator.ema}};
  add_discriminator(config, players);
  return players;
}

std::vector<PlayerRow> autoencoding_players(const Config& config) {
  auto players = generation_players(config);
  players.push_back({"encoder", "encoder", &config.encoder, config.generator.ema});
  if (config.autoencoding.codes == "adversarial")
    players.push_back({"code_discriminator", "code_discriminator", &config.code_discriminator});
  if (config.pixel_discriminator.width > 0)
    players.push_back({"pixel_discriminator", "pixel_discriminator", &config.pixel_discriminator});
  return players;
}

std::vector<PlayerRow> super_resolution_players(const Config& config) {
  std::vector<PlayerRow> players = {{"generator", "upscaler", &config.upscaler, config.upscaler.ema}};
  add_discriminator(config, players);
  return players;
}

std::vector<PlayerRow> translation_players(const Config& config) {
  std::vector<PlayerRow> players = {{"generator", "translator", &config.translator, config.translator.ema}};
  add_discriminator(config, players);
  return players;
}

}  // namespace

const std::vector<GameRow>& games() {
  static const std::vector<GameRow> table = {
      {.name = "generation",
       .explanation = "makes images from a latent",
       .data = DataKind::images,
       .players = generation_players,
       .sections = {generator_section(), discriminator_section()}},
      {.name = "autoencoding",
       .explanation = "also finds an image's latent",
       .data = DataKind::images,
       .players = autoencoding_players,
       .sections = {generator_section(), discriminator_section(), encoder_section(), code_discriminator_section(),
                    pixel_discriminator_section(), autoencoding_section(), detector_section()},
       .check = check_autoencoding,
       .has_discriminator = [](const Config& config) { return config.autoencoding.adversary > 0; }},
      {.name = "super-resolution",
       .explanation = "makes larger images of images",
       .data = DataKind::degraded,
       .players = super_resolution_players,
       .sections = {upscaler_section(), discriminator_section(), degradation_section(), super_resolution_section()},
       .check = check_super_resolution,
       .has_discriminator = [](const Config& config) { return config.super_resolution.adversary > 0; },
       .discriminator_joins = [](const Config& config) { return config.super_resolution.pixel_phase; }},
      {.name = "paired-translation",
       .explanation = "makes an image of another kind of each image",
       .data = DataKind::pairs,
       .players = translation_players,
       .sections = {translator_section(), discriminator_section(), pairs_section(), translation_section()},
       .check = check_paired_translation,
       .has_discriminator = [](const Config& config) { return config.translation.adversary > 0; }},
  };
  return table;
}

std::vector<std::string> game_names() {
  std::vector<std::string> names;
  for (const auto& game : games()) names.push_back(game.name);
  return names;
}

std::vector<PlayerRow> players_of(const Config& config) { return game_named(config.game).players(config); }

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
