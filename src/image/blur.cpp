#include "image/blur.h"

#include <algorithm>
#include <cmath>

#include "core/torch.h"

namespace forger {
namespace {

/// Sides up to which a product with a matrix is faster than a convolution.
constexpr int64_t kMostMatrixSide = 128;

/// `[side, side]`: row i holds what each pixel gives to the filtered pixel i; what lies outside is the border's.
at::Tensor filter_matrix(int64_t side, const at::Tensor& kernel) {
  const int64_t radius = kernel.numel() / 2;
  const auto pixels = at::arange(side, kernel.options().dtype(at::kLong));
  auto matrix = at::zeros({side, side}, kernel.options());
  for (int64_t offset = -radius; offset <= radius; ++offset) {
    const auto from = (pixels + offset).clamp(0, side - 1).unsqueeze(1);
    matrix.scatter_add_(1, from, kernel[offset + radius].expand({side, 1}));
  }
  return matrix;
}

/// The images filtered along rows and columns; `kernel` has an odd length.
at::Tensor filtered(const at::Tensor& images, const at::Tensor& kernel) {
  const int64_t channels = images.size(1), height = images.size(2), width = images.size(3), radius = kernel.numel() / 2;
  if (std::max(height, width) <= kMostMatrixSide) {
    return filter_matrix(height, kernel).matmul(images.matmul(filter_matrix(width, kernel).t()));
  }
  const auto filter = [&](const at::Tensor& input, const at::Tensor& weight) {
    return at::conv2d(input, weight, at::Tensor(), at::IntArrayRef{1, 1}, at::IntArrayRef{0, 0}, at::IntArrayRef{1, 1},
                      channels);
  };
  const auto padded = at::replication_pad2d(images, {radius, radius, radius, radius});
  return filter(filter(padded, kernel.view({1, 1, 1, -1}).repeat({channels, 1, 1, 1})),
                kernel.view({1, 1, -1, 1}).repeat({channels, 1, 1, 1}));
}

at::Tensor gaussian(double sigma, const at::TensorOptions& options) {
  const auto radius = static_cast<int64_t>(std::ceil(3 * sigma));
  const auto x = at::arange(-radius, radius + 1, options);
  const auto kernel = at::exp(-x * x / (2 * sigma * sigma));
  return kernel / kernel.sum();
}

at::Tensor box(int64_t window, const at::TensorOptions& options) {
  return at::full({window}, 1 / static_cast<double>(window), options);
}

}  // namespace

at::Tensor blurred(const at::Tensor& images, double sigma) {
  return filtered(images, gaussian(sigma, images.options()));
}

at::Tensor blur_matrix(int64_t side, double sigma) { return filter_matrix(side, gaussian(sigma, at::kFloat)); }

at::Tensor local_mean(const at::Tensor& images, int64_t window) {
  return filtered(images, box(window, images.options()));
}

at::Tensor mean_matrix(int64_t side, int64_t window) { return filter_matrix(side, box(window, at::kFloat)); }

at::Tensor pooling_matrix(int64_t pools, int64_t side) {
  return at::adaptive_avg_pool2d(at::eye(side, at::kFloat).unsqueeze(0), {pools, side}).squeeze(0);
}

}  // namespace forger
