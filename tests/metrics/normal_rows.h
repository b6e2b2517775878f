#pragma once

#include "core/random.h"
#include "core/torch.h"

namespace forger {

/// Independent numbers of the standard normal distribution, `[rows, columns]`.
inline at::Tensor normal(int64_t rows, int64_t columns, uint64_t seed) {
  auto random = make_random(seed);
  return at::randn({rows, columns}, random, at::kDouble);
}

}  // namespace forger
