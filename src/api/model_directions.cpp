#include <algorithm>
#include <cmath>

#include "api/model_parts.h"
#include "core/fail.h"
#include "core/torch.h"

namespace forger {
namespace {

/// Enough samples to tell the first directions from chance, and few enough to be drawn while a person waits.
constexpr int64_t kSamples = 512;
/// Sides of the images that are compared: what is large in an image, no texture.
constexpr int64_t kSide = 16;

/// What images `[N, C, H, W]` look like from afar, one row each, without their mean.
at::Tensor looks_of(const at::Tensor& images) {
  const bool small = images.size(2) <= kSide && images.size(3) <= kSide;
  const auto seen = small ? images : at::adaptive_avg_pool2d(images, {kSide, kSide});
  const auto rows = seen.flatten(1);
  return rows - rows.mean(0, /*keepdim=*/true);
}

}  // namespace

at::Tensor Model::principal_directions(int64_t count) const {
  const auto& info = implementation_->info;
  implementation_->need_generator("principal_directions");
  if (count < 1 || count > info.latent_size) {
    fail("principal_directions: received count {}, accepted: 1 to {}", count, info.latent_size);
  }
  at::Tensor& known = implementation_->directions;
  if (known.defined() && known.size(0) >= count) return known.narrow(0, 0, count);
  torch::NoGradGuard no_grad;
  const auto drawn = draw_latents(kSamples);
  const auto looks = looks_of(generate(drawn.latents, drawn.labels));
  const auto parts = std::get<0>(at::linalg_svd(looks, /*full_matrices=*/false));
  // The latents' mean slope along each component of the images: where one turns up the component, it points.
  auto directions = parts.t().matmul(drawn.latents - drawn.latents.mean(0, /*keepdim=*/true));
  // Components beyond those that the images have would repeat earlier ones: they are made to stand upright on them.
  directions = std::get<0>(at::linalg_qr(directions.narrow(0, 0, std::min(count, directions.size(0))).t())).t();
  // A sign of its own, so that the same model always shows the same.
  const auto largest = directions.gather(1, directions.abs().argmax(1, /*keepdim=*/true));
  known = (directions * largest.sign()).contiguous();
  return known;
}

}  // namespace forger
