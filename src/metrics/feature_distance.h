#pragma once

#include <ATen/core/Tensor.h>

#include "metrics/features.h"

namespace forger {

/// Side of the squares in whose features pictures are compared, in pixels.
inline constexpr int64_t kFeaturePart = 32;

/// The whole squares of float images `[N, C, H, W]`, side by side from the upper left corner on: `[P, C, kFeaturePart,
/// kFeaturePart]`.
at::Tensor feature_parts(const at::Tensor& images);

/// How far a picture looks from another one of its size, both `[1, C, H, W]` in [-1, 1] with at least one square: the
/// mean over all squares of |f(a) - f(b)|^2 / (2 net.size()), with `net` learnt from squares of such pictures
/// (`learn_features`). 0 for equal pictures, about 1 for pictures that have nothing to do with each other. A distance
/// of our own: it knows nothing of what people answered, as LPIPS does (Zhang et al. 2018).
double feature_distance(const FeatureNet& net, const at::Tensor& first, const at::Tensor& second);

}  // namespace forger
