#pragma once

#include <ATen/core/Tensor.h>

#include "forger/config.h"
#include "forger/objective.h"
#include "games/adaptive_strength.h"

namespace forger {

/// How much of the augmentation the discriminator gets to see: all of it, or, where it is adaptive, as much as keeps it
/// from knowing its training images by heart. The sign for that is r_t = E sign(logit of reals): 0 where it guesses, 1
/// where it knows all; augmentation grows while r_t is above 0.6 (Karras et al. 2020, arXiv 2006.06676, section 3).
class AdaptiveAugmentation {
 public:
  explicit AdaptiveAugmentation(const AugmentationOptions& most);

  /// The present probabilities.
  AugmentationOptions options() const;

  /// Takes note of the logits `[N]` of a batch of reals, after the discriminator's turn.
  void watch(const Objective& objective, const at::Tensor& real_logits);

  /// Share of the augmentation in use, 0 to 1, as a live float64 scalar: a step depends on it.
  const at::Tensor& strength() const { return strength_.live(); }

 private:
  AugmentationOptions most_;
  AdaptiveStrength strength_;
};

}  // namespace forger
