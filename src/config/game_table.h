#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/section.h"

namespace forger {

/// What a game learns from: images, parts of images and the small images made of them, or pairs of images.
enum class DataKind { images, degraded, pairs };

/// A player, as a configuration describes it.
struct PlayerRow {
  /// "generator", "discriminator" …
  std::string name;
  /// Its options are those of this section: "SECTION.learning_rate" and so on.
  std::string section;
  /// In the configuration that was asked about.
  const OptimizerOptions* options;
  /// Decay of its averaged copy; 0: none.
  double ema = 0;
};

/// A game as a recipe knows it; what it does stands in `games/`.
struct GameRow {
  /// The word that `game` takes.
  std::string name;
  /// "makes images from a latent": stands after the name, for people.
  std::string explanation;
  DataKind data;
  /// Those that play in a configuration, the generator first.
  std::vector<PlayerRow> (*players)(const Config& config);
  /// The sections that it reads beside those that every game reads. Several games may read the same one.
  std::vector<Section> sections = {};
  /// Throws Error where a configuration asks for what the game does not play. Only asked where it is played; null: it
  /// plays everything.
  void (*check)(const Config& config) = nullptr;
  /// Whether a discriminator on images plays; null: always.
  bool (*has_discriminator)(const Config& config) = nullptr;
  /// The share of the budget, 0 to below 1, after which it joins; null: it plays from the start.
  double (*discriminator_joins)(const Config& config) = nullptr;
};

/// Every game: the one place where a recipe's games are listed.
const std::vector<GameRow>& games();

/// Their names.
std::vector<std::string> game_names();

/// Those that play in a configuration, the generator first.
std::vector<PlayerRow> players_of(const Config& config);

/// The game of this name. Throws Error naming the games that there are.
const GameRow& game_named(std::string_view name);

/// Whether the game reads the section: all do but those of which only other games are known to.
bool reads_section(std::string_view game, std::string_view section);

}  // namespace forger
