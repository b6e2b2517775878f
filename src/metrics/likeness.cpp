#include "metrics/likeness.h"

#include <cmath>
#include <limits>
#include <utility>

#include "core/fail.h"
#include "core/torch.h"

namespace forger {
namespace {

constexpr int64_t kWindow = 11;
constexpr double kSigma = 1.5, kMostDecibels = 99;
/// Of values in [0, 1], as in the paper: (0.01 L)^2 and (0.03 L)^2.
constexpr double kLuminance = 1e-4, kContrast = 9e-4;

at::Tensor window() {
  const auto offsets = at::arange(kWindow, at::kDouble) - (kWindow - 1) / 2;
  const auto line = (offsets.square() / (-2 * kSigma * kSigma)).exp();
  return (line / line.sum());
}

/// Weighted means of all whole windows of `[M, 1, H, W]`.
at::Tensor means(const at::Tensor& images, const at::Tensor& line) {
  return at::conv2d(at::conv2d(images, line.view({1, 1, kWindow, 1})), line.view({1, 1, 1, kWindow}));
}

/// Structural similarity of each image, `[N]`.
at::Tensor ssim(const at::Tensor& first, const at::Tensor& second) {
  const auto count = first.size(0);
  const auto line = window();
  const auto a = first.flatten(0, 1).unsqueeze(1), b = second.flatten(0, 1).unsqueeze(1);
  const auto mean_a = means(a, line), mean_b = means(b, line);
  const auto variance_a = means(a * a, line) - mean_a.square();
  const auto variance_b = means(b * b, line) - mean_b.square();
  const auto covariance = means(a * b, line) - mean_a * mean_b;
  const auto map = (2 * mean_a * mean_b + kLuminance) * (2 * covariance + kContrast) /
                   ((mean_a.square() + mean_b.square() + kLuminance) * (variance_a + variance_b + kContrast));
  return map.reshape({count, -1}).mean(1);
}

/// Images `[N, C, H, W]` of both, with values in [0, 1].
std::pair<at::Tensor, at::Tensor> in_unit_range(const at::Tensor& first, const at::Tensor& second) {
  if (first.dim() != 4 || first.sizes() != second.sizes()) {
    fail("compare_images: received images of {} and {} dimensions, accepted: two batches [N, C, H, W] of one shape",
         first.dim(), second.dim());
  }
  return {(first.to(at::kDouble) + 1) / 2, (second.to(at::kDouble) + 1) / 2};
}

at::Tensor squared_errors(const at::Tensor& a, const at::Tensor& b) { return (a - b).square().mean({1, 2, 3}); }

}  // namespace

at::Tensor bt601_luma(const at::Tensor& images) {
  if (images.size(1) == 1) return images;
  const auto weights = at::tensor({65.481, 128.553, 24.966}, at::kDouble).view({1, 3, 1, 1});
  const auto levels = (((images.to(at::kDouble) + 1) / 2) * weights).sum(1, /*keepdim=*/true) + 16;
  return levels / 127.5 - 1;
}

double mean_psnr_db(const at::Tensor& first, const at::Tensor& second) {
  torch::NoGradGuard no_grad;
  const auto [a, b] = in_unit_range(first, second);
  return (-10 * squared_errors(a, b).log10()).clamp_max(kMostDecibels).mean().item<double>();
}

std::vector<Likeness> compare_images(const at::Tensor& first, const at::Tensor& second) {
  torch::NoGradGuard no_grad;
  const auto [a, b] = in_unit_range(first, second);
  const auto errors = squared_errors(a, b);
  const bool large = a.size(2) >= kWindow && a.size(3) >= kWindow;
  const auto similar = large ? ssim(a, b) : at::full_like(errors, std::numeric_limits<double>::quiet_NaN());
  std::vector<Likeness> found;
  for (int64_t i = 0; i < a.size(0); ++i) {
    const auto error = errors[i].item<double>();
    found.push_back({error, std::fmin(-10 * std::log10(error), kMostDecibels), similar[i].item<double>()});
  }
  return found;
}

}  // namespace forger
