#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace forger {

/// Filters for small patches of images, learnt without labels: contrast normalisation, whitening, k-means (Coates, Lee
/// & Ng 2011, "An analysis of single-layer networks in unsupervised feature learning").
class PatchFilters {
 public:
  /// `images`: float32 `[N, C, H, W]` in [-1, 1], contiguous.
  PatchFilters(const at::Tensor& images, int64_t count, at::Generator& random);

  /// Activations ("triangle": how much nearer than average a centre is), averaged over the four quadrants, beside the
  /// quadrants' mean contrast: `[N, 4 * count + 4]`.
  at::Tensor respond(const at::Tensor& images) const;

 private:
  struct Normalized {
    at::Tensor patches;   // [N * rows * columns, C * side * side], mean 0, variance about 1
    at::Tensor contrast;  // [N * rows * columns]
    int64_t rows = 0, columns = 0;
  };
  Normalized normalized(const at::Tensor& images) const;

  int64_t patch_side_;
  int64_t row_stride_, column_stride_;
  at::Tensor whitening_;       // [C * side * side, p]
  at::Tensor offset_;          // [p]
  at::Tensor centers_;         // [count, p]
  at::Tensor center_squares_;  // [1, count]
};

}  // namespace forger
