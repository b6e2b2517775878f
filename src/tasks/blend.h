#pragma once

#include <ATen/core/Tensor.h>

namespace forger {

/// Fills the masked part of `known` with what `fill` has there, without a seam: inside, the gradients are those of
/// `fill`; at the edge, the values are those of `known` (Poisson image editing, Pérez et al. 2003). All float
/// `[N, C, H, W]`; `mask` `[N, 1, H, W]`, 1 where to fill, else 0; in each image something must be known. What is known
/// stays as it is, bit for bit.
at::Tensor blend(const at::Tensor& known, const at::Tensor& fill, const at::Tensor& mask);

/// Fills it with the surface of least bending through what is known (biharmonic equation): the best guess for a hole of
/// a pixel or two, and a blur in the middle of a large one. Within the range of what is known of each channel of each
/// image.
at::Tensor interpolate(const at::Tensor& known, const at::Tensor& mask);

/// Whether `fill_holes` takes anything of a fill: single pixels and thin holes need none.
bool needs_fill(const at::Tensor& mask);

/// Both, by how deep a pixel lies in its hole: next to what is known `interpolate`, deeper in more and more of `blend`.
at::Tensor fill_holes(const at::Tensor& known, const at::Tensor& fill, const at::Tensor& mask);

}  // namespace forger
