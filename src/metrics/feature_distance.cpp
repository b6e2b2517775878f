#include "metrics/feature_distance.h"

#include <algorithm>

#include "core/fail.h"
#include "core/torch.h"

namespace forger {

at::Tensor feature_parts(const at::Tensor& images) {
  const int64_t count = images.size(0), channels = images.size(1);
  const int64_t rows = images.size(2) / kFeaturePart, columns = images.size(3) / kFeaturePart;
  return images.slice(2, 0, rows * kFeaturePart)
      .slice(3, 0, columns * kFeaturePart)
      .reshape({count, channels, rows, kFeaturePart, columns, kFeaturePart})
      .permute({0, 2, 4, 1, 3, 5})
      .reshape({count * rows * columns, channels, kFeaturePart, kFeaturePart});
}

double feature_distance(const FeatureNet& net, const at::Tensor& first, const at::Tensor& second) {
  torch::NoGradGuard no_grad;
  if (first.sizes() != second.sizes() || first.dim() != 4 || first.size(0) != 1 ||
      std::min(first.size(2), first.size(3)) < kFeaturePart) {
    fail("feature_distance: received pictures of other or unlike sizes, accepted: two [1, C, H, W], {} pixels a side",
         kFeaturePart);
  }
  const auto apart = net.features(feature_parts(first)) - net.features(feature_parts(second));
  return apart.to(at::kDouble).square().sum(1).mean().item<double>() / (2 * static_cast<double>(net.size()));
}

}  // namespace forger
