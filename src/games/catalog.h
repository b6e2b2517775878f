#pragma once

#include <c10/core/Device.h>

#include <memory>

#include "core/shape.h"
#include "forger/config.h"
#include "forger/objective.h"
#include "games/game.h"

namespace forger {

/// What the data decides about a game.
struct GameInput {
  ImageShape shape;
  /// 0 unless class-conditional.
  int64_t classes = 0;
  c10::Device device = c10::kCPU;
  /// Replaces the objective that the configuration names, if given.
  std::shared_ptr<const Objective> objective = nullptr;
  /// Of what images are made from; no numbers where that is latents.
  ImageShape source_shape = {};
};

/// The game that `config.game` names, with freshly drawn weights. Throws Error naming the nearest known one.
std::unique_ptr<Game> make_game(const Config& config, const GameInput& input);

}  // namespace forger
