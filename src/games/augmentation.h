#pragma once

#include <ATen/core/Tensor.h>

#include "core/item_random.h"
#include "forger/config.h"

namespace forger {

/// Changes the discriminator's input, each image by itself, differentiably (DiffAugment, Zhao et al. 2020, arXiv
/// 2006.10738). `images`: float `[N, C, H, W]` in [-1, 1], on any device, of any floating dtype; the result has the
/// same shape, dtype and memory format. All draws come from `random`. Instance
/// noise (Sønderby et al. 2017, arXiv 1610.04490) comes on top. Returns `images` itself when all options are 0.
/// `source_channels`: the first channels of `images` are others, which these are made from; colours of both change
/// alike, unless `sources_are_kinds` of label maps, which have no colours.
at::Tensor augment(const at::Tensor& images, const AugmentationOptions& options, ItemRandom random,
                   int64_t source_channels = 0, bool sources_are_kinds = false);

}  // namespace forger
