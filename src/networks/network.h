#pragma once

#include <ATen/core/Generator.h>
#include <torch/nn/module.h>

#include <memory>

#include "core/shape.h"

namespace forger {

/// Where dropout draws from. A network and its layers share one, so that the caller can pass a fresh seed
/// each step.
struct RandomSource {
  at::Generator generator;  ///< undefined until `Discriminator::use_random`
};

/// Latent `[N, latent_size]` float, labels `[N]` int64 (undefined unless class-conditional) -> images `[N, C,
/// H, W]` in
/// [-1, 1]; points `[N, 2, 1, 1]` are unbounded. Always float32, also under autocast; channels-last unless
/// points.
class Generator : public torch::nn::Module {
 public:
  virtual at::Tensor forward(const at::Tensor& latent, const at::Tensor& labels) = 0;
};

/// Images `[N, C, H, W]` in [-1, 1], labels as above -> logits `[N]` float32, positive for "real".
class Discriminator : public torch::nn::Module {
 public:
  virtual at::Tensor forward(const at::Tensor& images, const at::Tensor& labels) = 0;

  /// Dropout draws from `random` from now on. Needed before a forward pass in training mode if dropout is
  /// above 0.
  void use_random(at::Generator random) { random_->generator = std::move(random); }

 protected:
  std::shared_ptr<RandomSource> random_ = std::make_shared<RandomSource>();
};

}  // namespace forger
