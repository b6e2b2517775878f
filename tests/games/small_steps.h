#pragma once

#include <algorithm>
#include <string>

#include "core/random.h"
#include "core/shape.h"
#include "core/torch.h"
#include "forger/config.h"
#include "games/game.h"

namespace forger {

constexpr ImageShape kShape{1, 16, 16};

/// What a step of this number works with: noise for images.
inline StepInput input_for(int64_t step, int64_t batch_size = 8) {
  auto random = make_random(static_cast<uint64_t>(100 + step));
  return {step, ItemRandom(static_cast<uint64_t>(step)), [random, batch_size]() mutable {
            return Batch{.images = at::empty({batch_size, 1, 16, 16}).uniform_(-1, 1, random)};
          }};
}

inline TensorMap copy_of(const TensorMap& state) {
  TensorMap copy;
  for (const auto& [name, tensor] : state) copy[name] = tensor.detach().clone();
  return copy;
}

/// The largest change of a network's numbers; -1 where there is no such network.
inline double change(const TensorMap& before, const TensorMap& after, const std::string& prefix) {
  double largest = -1;
  for (const auto& [name, tensor] : before) {
    if (name.starts_with(prefix)) largest = std::max(largest, (tensor - after.at(name)).abs().max().item<double>());
  }
  return largest;
}

}  // namespace forger
