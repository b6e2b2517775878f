#include "image/blur.h"

#include <cmath>

#include "core/torch.h"

namespace forger {

at::Tensor blurred(const at::Tensor& images, double sigma) {
  const auto radius = static_cast<int64_t>(std::ceil(3 * sigma));
  const auto x = at::arange(-radius, radius + 1, at::kFloat);
  auto kernel = at::exp(-x * x / (2 * sigma * sigma));
  kernel = kernel / kernel.sum();
  const int64_t channels = images.size(1);
  const auto across = kernel.view({1, 1, 1, -1}).repeat({channels, 1, 1, 1});
  const auto down = kernel.view({1, 1, -1, 1}).repeat({channels, 1, 1, 1});
  auto padded = at::replication_pad2d(images, {radius, radius, radius, radius});
  const auto filter = [&](const at::Tensor& input, const at::Tensor& weight) {
    return at::conv2d(input, weight, at::Tensor(), at::IntArrayRef{1, 1}, at::IntArrayRef{0, 0}, at::IntArrayRef{1, 1},
                      channels);
  };
  return filter(filter(padded, across), down);
}

}  // namespace forger
