#pragma once

#include <ATen/core/Tensor.h>

namespace forger {

/// A Gaussian blur of each channel of float images `[N, C, H, W]`; `sigma` in pixels, above 0; borders repeat.
at::Tensor blurred(const at::Tensor& images, double sigma);

/// The same along one side of images, as a matrix `[side, side]` float32: row i holds what each pixel gives to pixel i.
at::Tensor blur_matrix(int64_t side, double sigma);

/// The mean of each channel over a square window around each pixel, an odd number of pixels wide; borders repeat.
at::Tensor local_mean(const at::Tensor& images, int64_t window);
at::Tensor mean_matrix(int64_t side, int64_t window);

/// Adaptive average pooling along one side of images, as such a matrix `[pools, side]` float32.
at::Tensor pooling_matrix(int64_t pools, int64_t side);

}  // namespace forger
