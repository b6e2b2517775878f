#pragma once

#include <functional>
#include <vector>

#include "core/random.h"
#include "core/torch.h"
#include "games/foreign_parts.h"
#include "networks/pixel_discriminator.h"

namespace forger {

/// Trains a pixel discriminator on images that `draw` makes from a seed, and leaves it ready to be used.
inline void learn_foreign_parts(PixelDiscriminator& network, const std::function<at::Tensor(uint64_t seed)>& draw,
                                uint64_t steps) {
  constexpr double kRate = 0.05, kMomentum = 0.9;
  auto weights = network.parameters();
  std::vector<at::Tensor> averages;
  for (const auto& weight : weights) averages.push_back(at::zeros_like(weight));
  for (uint64_t step = 0; step < steps; ++step) {
    const auto [images, foreign] = with_foreign_parts(draw(100 + step), make_random(1000 + step));
    const auto loss = at::binary_cross_entropy_with_logits(network.forward(images), foreign);
    network.zero_grad();
    loss.backward();
    torch::NoGradGuard no_grad;
    for (size_t i = 0; i < weights.size(); ++i) {
      averages[i].mul_(kMomentum).add_(weights[i].grad());
      weights[i].sub_(kRate * averages[i]);
    }
  }
  network.eval();
}

}  // namespace forger
