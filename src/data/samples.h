#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/levels.h"
#include "core/shape.h"
#include "data/dataset.h"

namespace forger {

/// Samples that any program has left: a NumPy `.npz` with `images` (uint8 `[N, H, W, C]` or grey `[N, H, W]`) or
/// `points` (float `[N, 2]`), as `forger sample` writes it, a `.npy` with one such array, or whatever DATA may be (a
/// folder of images of one size …). Returns float32 `[N, C, H, W]` in [-1, 1] (points: `[N, 2, 1, 1]`, as they are). Of
/// more than `most` samples, `most` are chosen, always the same ones. 16-bit images of a folder are brought to 8 bits
/// as `levels` says. Throws Error: missing, of another type or shape, sizes that differ, NaN.
at::Tensor load_samples(const std::string& path, int64_t most, const Levels& levels = {});

/// The same of images that may differ in size: each is brought to the one wanted, antialiased bicubic as for training
/// images. Points stay as they are.
struct FittedSamples {
  at::Tensor images;
  /// Heights and widths that the images had.
  std::set<std::pair<int64_t, int64_t>> sizes;
};
FittedSamples load_samples_fitted(const std::string& path, int64_t most, int64_t height_px, int64_t width_px,
                                  const Levels& levels = {});

/// Images of a data set in the same form, what they are to be made from (undefined in sets of images alone), and their
/// labels, int64 `[N]` (-1: none).
struct LabelledImages {
  at::Tensor images, sources, labels;
};
/// All images of the set, or `most` of them, in random order. Others take the place of unreadable ones. Throws Error
/// when none can be read.
LabelledImages load_images(const Dataset& dataset, int64_t most, at::Generator random);

/// The images of some items in the same form; those that cannot be read are taken out of `items`. Undefined where none
/// can be.
at::Tensor load_items(const Dataset& dataset, std::vector<int64_t>& items);

/// Channels, height, width of images `[N, C, H, W]`.
ImageShape image_shape(const at::Tensor& images);

}  // namespace forger
