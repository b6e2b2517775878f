#pragma once

#include <torch/nn/module.h>

#include "core/shape.h"

namespace forger {

/// Latent `[N, latent_size]` float, labels `[N]` int64 (undefined unless class-conditional) -> images `[N, C, H, W]` in
/// [-1, 1]; points `[N, 2, 1, 1]` are unbounded.
class Generator : public torch::nn::Module {
 public:
  virtual at::Tensor forward(const at::Tensor& latent, const at::Tensor& labels) = 0;
};

/// Images `[N, C, H, W]` in [-1, 1], labels as above -> logits `[N]`, positive for "real".
class Discriminator : public torch::nn::Module {
 public:
  virtual at::Tensor forward(const at::Tensor& images, const at::Tensor& labels) = 0;
};

}  // namespace forger
