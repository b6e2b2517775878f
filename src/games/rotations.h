#pragma once

#include <ATen/core/Tensor.h>

namespace forger {

constexpr int64_t kRotations = 4;

/// Images `[N, C, H, W]` rotated to the left by 0, 1, 2 and 3 quarters, `[4 N, C, H, W]`: first all of the first
/// rotation. What is not square is stretched back to its shape.
at::Tensor rotated(const at::Tensor& images);

/// Those rotations' numbers, int64 `[4 N]`.
at::Tensor rotation_numbers(const at::Tensor& images);

}  // namespace forger
