#pragma once

#include <ATen/core/Tensor.h>

namespace forger {

/// A Gaussian blur of each channel of float images `[N, C, H, W]`; `sigma` in pixels, above 0; borders repeat.
at::Tensor blurred(const at::Tensor& images, double sigma);

/// The mean of each channel over a square window around each pixel, an odd number of pixels wide; borders repeat.
at::Tensor local_mean(const at::Tensor& images, int64_t window);

}  // namespace forger
