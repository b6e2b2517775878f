#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "core/shape.h"
#include "data/dataset.h"

namespace forger {

/// Samples that any program has left: a NumPy `.npz` with `images` (uint8 `[N, H, W, C]` or grey `[N, H, W]`) or
/// `points` (float `[N, 2]`), as `forger sample` writes it, or whatever DATA may be (a folder of images of one size …).
/// Returns float32 `[N, C, H, W]` in [-1, 1] (points: `[N, 2, 1, 1]`, as they are). Of more than `most` samples, `most`
/// are chosen, always the same ones. Throws Error: missing, of another type or shape, sizes that differ, NaN.
at::Tensor load_samples(const std::string& path, int64_t most);

/// Images of a data set in the same form: all, or `most` of them chosen by the seed, in random order. Unreadable ones
/// are left out.
at::Tensor load_images(const Dataset& dataset, int64_t most, uint64_t seed);

/// Samples brought to another height and width, antialiased bicubic as for training images.
at::Tensor resize_samples(const at::Tensor& samples, int64_t height_px, int64_t width_px);

/// Channels, height, width of images `[N, C, H, W]`.
ImageShape image_shape(const at::Tensor& images);

}  // namespace forger
