#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace forger {

/// Rows of an image from the first to the last, for images of any height: they may be negative.
struct RowRange {
  int64_t first = 0, last = 0;
  /// What a convolution of these rows sees whose kernels reach `px` pixels.
  RowRange widened(int64_t px) const { return {first - px, last + px}; }
  /// What these rows were before an enlargement by `scale`.
  RowRange before_enlarging(int64_t scale) const;
  /// The rows of the windows that they lie in: each has `side` rows, and one begins at row `shift`.
  RowRange of_windows(int64_t side, int64_t shift) const;
};

/// Images `[N, C, H, W]` whose sides are multiples of `multiple` and at least `least`: mirrored below and at the right
/// without repeating the edge, as often as needed; a single row or column is repeated.
at::Tensor filled_up(const at::Tensor& images, int64_t multiple, int64_t least = 1);

}  // namespace forger
