#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace forger {

/// How much of a handicap a discriminator gets, 0 to 1: as much as keeps it at a wanted certainty (adaptive
/// discriminator augmentation, Karras et al. 2020, arXiv 2006.06676, section 3).
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

}  // namespace forger
