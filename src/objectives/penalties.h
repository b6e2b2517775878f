#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "core/item_random.h"

namespace forger {

/// Images `[N, C, H, W]` -> logits `[N]`, in float32. Penalties differentiate through whatever it does, augmentation
/// included.
using Critic = std::function<at::Tensor(const at::Tensor& images)>;

/// E |d critic(x) / dx|^2 over the batch, the norm over C·H·W of each image: the unweighted R1 (on reals) and R2 (on
/// fakes) of Mescheder et al. 2018 (arXiv 1801.04406) without their gamma/2. Differentiable in the critic's weights.
at::Tensor zero_centered_penalty(const Critic& critic, const at::Tensor& images);

/// E (|d critic(x) / dx| - 1)^2 at points x drawn evenly between each real and its fake, one ratio per image
/// (Gulrajani et al. 2017, arXiv 1704.00028), without their lambda. `real` and `fake`: float32 `[N, C, H, W]`.
at::Tensor one_centered_penalty(const Critic& critic, const at::Tensor& real, const at::Tensor& fake,
                                ItemRandom random);

}  // namespace forger
