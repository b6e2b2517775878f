#include "games/latent.h"

#include "core/fail.h"
#include "core/torch.h"

namespace forger {

at::Tensor draw_latent(const GeneratorOptions& options, int64_t count, at::Generator random, double truncation) {
  auto latent = at::empty({count, options.latent_size}, at::kFloat);
  if (options.latent == "uniform") {
    const double limit = truncation > 0 && truncation < 1 ? truncation : 1;
    return latent.uniform_(-limit, limit, random);
  }
  latent.normal_(0, 1, random);
  if (truncation <= 0) return latent;
  for (auto beyond = latent.abs() > truncation; beyond.any().item<bool>(); beyond = latent.abs() > truncation) {
    latent = at::where(beyond, at::empty_like(latent).normal_(0, 1, random), latent);
  }
  return latent;
}

at::Tensor interpolate_latents(const GeneratorOptions& options, const at::Tensor& anchors, int64_t steps) {
  const auto from = anchors.unsqueeze(1);
  const auto to = anchors.roll(-1, 0).unsqueeze(1);
  const auto share = at::arange(steps, at::kFloat).div(static_cast<double>(steps)).view({1, steps, 1});
  at::Tensor path;
  if (options.latent == "uniform") {
    path = from + share * (to - from);
  } else {
    const auto cosine = (from * to).sum(2, true) / (from.norm(2, 2, true) * to.norm(2, 2, true));
    const auto angle = cosine.clamp(-0.9995, 0.9995).acos();
    path = (((1 - share) * angle).sin() * from + (share * angle).sin() * to) / angle.sin();
  }
  return path.reshape({-1, anchors.size(1)});
}

}  // namespace forger
