#pragma once

#include <ATen/core/Generator.h>
#include <torch/nn/module.h>

#include <memory>

#include "core/shape.h"

namespace forger {

/// Where the layers that draw numbers draw them from. A network and its layers share one, so that the caller
/// can pass a fresh seed each step.
struct RandomSource {
  at::Generator generator;  ///< undefined until `Network::use_random`
};

/// What every network has.
class Network : public torch::nn::Module {
 public:
  /// Layers such as dropout draw from `random` from now on. Needed before a forward pass in training mode of
  /// a network that has such layers.
  void use_random(at::Generator random) { random_->generator = std::move(random); }

 protected:
  std::shared_ptr<RandomSource> random_ = std::make_shared<RandomSource>();
};

/// Latent `[N, latent_size]` float, labels `[N]` int64 (undefined unless class-conditional) -> images `[N, C,
/// H, W]` in
/// [-1, 1]; points `[N, 2, 1, 1]` are unbounded. Always float32, also under autocast, and channels-last.
class Generator : public Network {
 public:
  virtual at::Tensor forward(const at::Tensor& latent, const at::Tensor& labels) = 0;
};

/// Images `[N, C, H, W]` in [-1, 1], labels as above -> logits `[N]` float32, positive for "real".
class Discriminator : public Network {
 public:
  virtual at::Tensor forward(const at::Tensor& images, const at::Tensor& labels) = 0;
};

}  // namespace forger
