#include "tasks/blend.h"

#include <limits>

#include "core/fail.h"
#include "core/torch.h"

namespace forger {
namespace {

constexpr int64_t kMostIterations = 1000;
/// Of the right side, as squared norms: far below one grey level.
constexpr double kEnough = 1e-10;
/// Depths in a hole, in pixels, up to which interpolation counts alone, and from which the fill counts as much as it
/// may.
constexpr int64_t kShallow = 2, kDeep = 5;
/// What the fill counts there: more is nearer to the data, but strays farther from the very image (docs/results.md).
constexpr double kTrust = 0.4;

/// The sum of a pixel's differences to its neighbours within the image.
at::Tensor differences(const at::Tensor& images) {
  const auto padded = at::replication_pad2d(images, {1, 1, 1, 1});
  const auto height = images.size(2), width = images.size(3);
  const auto part = [&](int64_t y, int64_t x) { return padded.narrow(2, y, height).narrow(3, x, width); };
  return 4 * images - part(0, 1) - part(2, 1) - part(1, 0) - part(1, 2);
}

at::Tensor bending(const at::Tensor& images) { return differences(differences(images)); }

using Operator = at::Tensor (*)(const at::Tensor& images);

/// Sums over the pixels of each channel of each image.
at::Tensor product(const at::Tensor& a, const at::Tensor& b) { return (a * b).sum({2, 3}, true); }

/// The image that is `known` outside of the mask and solves `apply(image) = right` inside, by conjugate gradients from
/// `start`. `apply` is linear, symmetric and positive definite on the inside.
at::Tensor solve(Operator apply, const at::Tensor& right, const at::Tensor& known, const at::Tensor& start,
                 const at::Tensor& mask) {
  if ((mask.sum({1, 2, 3}) >= static_cast<double>(mask[0].numel())).any().item<bool>()) {
    fail("restore: the mask covers a whole image; nothing is known of it");
  }
  const auto inside = mask.to(at::kDouble);
  // Unknown are the values inside; what the known ones contribute stands on the right side.
  const auto wanted = (right - apply(known.to(at::kDouble) * (1 - inside))) * inside;
  auto values = start.to(at::kDouble) * inside;
  auto residual = wanted - apply(values) * inside;
  auto direction = residual.clone();
  auto norm = product(residual, residual);
  const auto enough = kEnough * product(wanted, wanted) + 1e-12;
  for (int64_t i = 0; i < kMostIterations && (norm > enough).any().item<bool>(); ++i) {
    const auto image = apply(direction) * inside;
    const auto step = norm / product(direction, image).clamp_min(1e-30);
    values = values + step * direction;
    residual = residual - step * image;
    const auto next = product(residual, residual);
    direction = residual + next / norm.clamp_min(1e-30) * direction;
    norm = next;
  }
  return at::where(mask > 0.5, values.to(known.scalar_type()), known);
}

/// Chessboard distance of each pixel to the nearest known one, up to kDeep, float as `mask`.
at::Tensor depth(const at::Tensor& mask) {
  auto known = 1 - mask, depth = mask.clone();
  for (int64_t i = 1; i < kDeep; ++i) {
    known = at::max_pool2d(known, {3, 3}, {1, 1}, {1, 1});
    depth = depth + (1 - known);
  }
  return depth;
}

}  // namespace

at::Tensor blend(const at::Tensor& known, const at::Tensor& fill, const at::Tensor& mask) {
  torch::NoGradGuard no_grad;
  return solve(differences, differences(fill.to(at::kDouble)), known, fill, mask);
}

at::Tensor interpolate(const at::Tensor& known, const at::Tensor& mask) {
  torch::NoGradGuard no_grad;
  const auto mean = (known * (1 - mask)).sum({2, 3}, true) / (1 - mask).sum({2, 3}, true);
  const auto surface = solve(bending, at::zeros(known.sizes(), at::kDouble), known, mean.expand_as(known), mask);
  // A surface without bounds swings out beside steep edges.
  const auto hole = mask > 0.5;
  const auto infinity = std::numeric_limits<double>::infinity();
  return surface.clamp(known.masked_fill(hole, infinity).amin({2, 3}, true),
                       known.masked_fill(hole, -infinity).amax({2, 3}, true));
}

bool needs_fill(const at::Tensor& mask) { return (depth(mask) > kShallow).any().item<bool>(); }

at::Tensor fill_holes(const at::Tensor& known, const at::Tensor& fill, const at::Tensor& mask) {
  const auto deep = kTrust * ((depth(mask) - kShallow) / static_cast<double>(kDeep - kShallow)).clamp(0, 1);
  const auto surface = interpolate(known, mask);
  return at::where(mask > 0.5, (surface + deep * (blend(known, fill, mask) - surface)).clamp(-1, 1), known);
}

}  // namespace forger
