#pragma once

#include <ATen/core/Tensor.h>

namespace forger {

/// A Gaussian blur of each channel of float images `[N, C, H, W]`; `sigma` in pixels, above 0; borders repeat.
at::Tensor blurred(const at::Tensor& images, double sigma);

}  // namespace forger
