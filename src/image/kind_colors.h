#pragma once

#include <ATen/core/Tensor.h>

namespace forger {

/// Label maps for people, each kind in a colour of its own: those that the PASCAL VOC segmentations have, 0 black.
/// float `[N, 1, H, W]`, kinds as images in [-1, 1] hold the levels 0 to 255 -> float `[N, 3, H, W]` in [-1, 1].
at::Tensor in_kind_colors(const at::Tensor& maps);

}  // namespace forger
