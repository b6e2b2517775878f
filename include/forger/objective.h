#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace forger {

/// An adversarial loss: what discriminator and generator minimise, from logits alone. It knows no network. All logits
/// are float32 `[N]`; losses are scalars. Implement it and pass it in TrainingHooks to train with a loss of your own.
class Objective {
 public:
  virtual ~Objective() = default;

  virtual std::string name() const = 0;

  /// The discriminator's loss on logits of real and fake images.
  virtual at::Tensor discriminator_loss(const at::Tensor& real_logits, const at::Tensor& fake_logits) const = 0;

  /// The generator's loss. `real_logits` is defined only if generator_needs_reals().
  virtual at::Tensor generator_loss(const at::Tensor& fake_logits, const at::Tensor& real_logits) const = 0;

  /// Whether the generator's turn compares its fakes with (fresh) reals, as relativistic losses do.
  virtual bool generator_needs_reals() const { return false; }

  /// p(real) in [0, 1] for each logit, or an undefined tensor where a logit has no such meaning (Wasserstein, hinge).
  virtual at::Tensor probability(const at::Tensor& logits) const = 0;
};

}  // namespace forger
