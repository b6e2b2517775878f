#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/section.h"

namespace forger {

/// What a game learns from.
enum class DataKind { images };

/// A game as a recipe knows it; what it does stands in `games/`.
struct GameRow {
  /// The word that `game` takes.
  std::string name;
  /// "makes images from a latent": stands after the name, for people.
  std::string explanation;
  DataKind data;
  /// The sections that it reads beside those that every game reads. Several games may read the same one.
  std::vector<Section> sections = {};
  /// Throws Error where a configuration asks for what the game does not play. Only asked where it is played; null: it
  /// plays everything.
  void (*check)(const Config& config) = nullptr;
  /// Whether a discriminator on images plays; null: always.
  bool (*has_discriminator)(const Config& config) = nullptr;
};

/// Every game: the one place where a recipe's games are listed.
const std::vector<GameRow>& games();

/// Their names.
std::vector<std::string> game_names();

/// The game of this name. Throws Error naming the games that there are.
const GameRow& game_named(std::string_view name);

/// Whether the game reads the section: all do but those of which only other games are known to.
bool reads_section(std::string_view game, std::string_view section);

}  // namespace forger
