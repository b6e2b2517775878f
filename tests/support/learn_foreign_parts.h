#pragma once

#include <functional>
#include <memory>

#include "core/random.h"
#include "core/torch.h"
#include "games/foreign_parts.h"
#include "networks/pixel_discriminator.h"
#include "players/player.h"

namespace forger {

/// Trains a pixel discriminator on images that `draw` makes from a seed, and leaves it ready to be used.
inline void learn_foreign_parts(const std::shared_ptr<PixelDiscriminator>& network,
                                const std::function<at::Tensor(uint64_t seed)>& draw, uint64_t steps) {
  OptimizerOptions options;
  options.optimizer = "sgd";
  options.learning_rate = 0.05;
  options.beta1 = 0.9;
  Player player("pixel_discriminator", network, options);
  for (uint64_t step = 0; step < steps; ++step) {
    const auto [images, foreign] = with_foreign_parts(draw(100 + step), ItemRandom(1000 + step));
    player.begin_turn();
    player.add_gradient(at::binary_cross_entropy_with_logits(network->forward(images), foreign), /*is_last=*/true);
    player.end_turn();
  }
  network->eval();
}

}  // namespace forger
