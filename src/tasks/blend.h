#pragma once

#include <ATen/core/Tensor.h>

namespace forger {

/// Fills the masked part of `known` with what `fill` has there, without a seam: inside, the gradients are those of
/// `fill`; at the edge, the values are those of `known` (Poisson image editing, Pérez et al. 2003). All float
/// `[N, C, H, W]`; `mask` `[N, 1, H, W]`, 1 where to fill, else 0; in each image something must be known. What is known
/// stays as it is, bit for bit.
at::Tensor blend(const at::Tensor& known, const at::Tensor& fill, const at::Tensor& mask);

}  // namespace forger
