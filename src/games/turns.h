#pragma once

#include <ATen/core/Tensor.h>

namespace forger {

constexpr int64_t kTurns = 4;

/// Images `[N, C, H, W]` turned to the left by 0, 1, 2 and 3 quarter turns, `[4 N, C, H, W]`: first all of the first
/// turn. What is not square is stretched back to its shape.
at::Tensor turned(const at::Tensor& images);

/// Those turns' numbers, int64 `[4 N]`.
at::Tensor turn_numbers(const at::Tensor& images);

}  // namespace forger
