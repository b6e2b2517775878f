#pragma once

#include "core/fail.h"
#include "forger/config.h"

namespace forger {

/// Throws Error, naming the game and the key, where what was received is wrong.
template <class Received>
void refuse_in_game(bool wrong, const char* game, const char* key, const Received& received, const char* accepted) {
  if (wrong) fail("{}: received {} with game = \"{}\", accepted: {}", key, received, game, accepted);
}

/// Throws Error where a configuration asks for what no game of translation plays.
void check_translation_game(const Config& config, const char* game);

/// The same of those that learn without pairs.
void check_sides_game(const Config& config, const char* game);

}  // namespace forger
