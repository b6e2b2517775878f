#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace forger {

/// Label maps as networks see them: a channel for each kind, 1 where it is and 0 elsewhere, as Park et al. 2019 (arXiv
/// 1903.07291) have it. float `[N, 1, H, W]`, kinds as images in [-1, 1] hold the levels 0 to 255 -> float `[N, kinds,
/// H, W]`, channels-last. Where a kind is beyond, all channels are 0.
at::Tensor as_kind_channels(const at::Tensor& maps, int64_t kinds);

}  // namespace forger
