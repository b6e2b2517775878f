#pragma once

#include <ATen/core/Tensor.h>

#include "referee/reference.h"

namespace forger {

/// Images of so many channels (1 or 3) with the content of `sources` (1, 3 or 4 channels, in [-1, 1]): grey ones repeat
/// it in each channel, colours become their luma, and what is see-through lies over white. Undefined for other numbers
/// of channels.
at::Tensor as_images(const at::Tensor& sources, int64_t channels);

/// How far what is made of one source lies from what is made of another, beyond what chance (dropout) makes of one
/// source, over how far the truths or real images, or the sources, lie apart, whichever is less: 0 where sources do not
/// matter. `made`, `again`: two draws from the same sources; `real`, `sources`: as many. NaN where nothing real
/// differs.
double source_effect(const at::Tensor& made, const at::Tensor& again, const at::Tensor& real,
                     const at::Tensor& sources);

/// Deviation of the images' mean colours beside their lightness, in [-1, 1]; NaN unless they have three channels.
double color_spread(const at::Tensor& images);

/// How `made`, a translation of each unseen source in order, stands to its source, and its colours to those of real
/// images. `has_truths`: the unseen images are the truths; `has_image_sources`: whether the sources are images, which
/// can be copied.
void measure_translation(const Reference& real, const at::Tensor& made, bool has_truths, bool has_image_sources,
                         Check& check);

}  // namespace forger
