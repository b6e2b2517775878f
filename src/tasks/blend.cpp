#include "tasks/blend.h"

#include "core/fail.h"
#include "core/torch.h"

namespace forger {
namespace {

constexpr int64_t kMostIterations = 1000;
/// Of the right side, as squared norms: far below one grey level.
constexpr double kEnough = 1e-10;

/// The sum of a pixel's differences to its neighbours within the image.
at::Tensor differences(const at::Tensor& images) {
  const auto padded = at::replication_pad2d(images, {1, 1, 1, 1});
  const auto height = images.size(2), width = images.size(3);
  const auto part = [&](int64_t y, int64_t x) { return padded.narrow(2, y, height).narrow(3, x, width); };
  return 4 * images - part(0, 1) - part(2, 1) - part(1, 0) - part(1, 2);
}

/// Sums over the pixels of each channel of each image.
at::Tensor product(const at::Tensor& a, const at::Tensor& b) { return (a * b).sum({2, 3}, true); }

}  // namespace

at::Tensor blend(const at::Tensor& known, const at::Tensor& fill, const at::Tensor& mask) {
  if ((mask.sum({1, 2, 3}) >= static_cast<double>(mask[0].numel())).any().item<bool>()) {
    fail("blend: the mask covers a whole image; nothing is known of it");
  }
  torch::NoGradGuard no_grad;
  const auto inside = mask.to(at::kDouble);
  const auto outer = known.to(at::kDouble) * (1 - inside);
  // Unknown are the values inside; what the known ones contribute stands on the right side. Conjugate gradients.
  const auto right = (differences(fill.to(at::kDouble)) - differences(outer)) * inside;
  auto values = fill.to(at::kDouble) * inside;
  auto residual = right - differences(values) * inside;
  auto direction = residual.clone();
  auto norm = product(residual, residual);
  const auto enough = kEnough * product(right, right) + 1e-12;
  for (int64_t i = 0; i < kMostIterations && (norm > enough).any().item<bool>(); ++i) {
    const auto image = differences(direction) * inside;
    const auto step = norm / product(direction, image).clamp_min(1e-30);
    values = values + step * direction;
    residual = residual - step * image;
    const auto next = product(residual, residual);
    direction = residual + next / norm.clamp_min(1e-30) * direction;
    norm = next;
  }
  return at::where(mask > 0.5, values.to(known.scalar_type()), known);
}

}  // namespace forger
