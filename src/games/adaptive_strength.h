#pragma once

#include <ATen/core/Tensor.h>

#include "forger/objective.h"

namespace forger {

/// How much of a handicap a discriminator gets, 0 to 1: as much as keeps it at a wanted certainty (adaptive discriminator
/// augmentation, Karras et al. 2020, arXiv 2006.06676, section 3).
class AdaptiveStrength {
 public:
  explicit AdaptiveStrength(double start);

  double now() const;

  /// More where the discriminator is too certain, less where it is not, in proportion to the images it was asked about.
  void follow(bool too_certain, int64_t images);

  /// As a live float64 scalar: a step depends on it.
  const at::Tensor& live() const { return strength_; }

 private:
  at::Tensor strength_;
};

/// E sign of logits `[N]` around even odds, -1 (all held for fake) to 1 (all held for real); 0 where it guesses.
double mean_sign(const Objective& objective, const at::Tensor& logits);

}  // namespace forger
