#include "games/latent.h"

#include "core/fail.h"
#include "core/torch.h"

namespace forger {

at::Tensor draw_latent(const GeneratorOptions& options, int64_t count, ItemRandom random, double truncation) {
  const std::vector<int64_t> sizes = {count, options.latent_size};
  if (options.latent == "uniform") {
    const double limit = truncation > 0 && truncation < 1 ? truncation : 1;
    return random.uniform(sizes, -limit, limit);
  }
  auto latent = random.normal(sizes);
  if (truncation <= 0) return latent;
  const auto again = random.branch();
  for (auto beyond = latent.abs() > truncation; beyond.any().item<bool>(); beyond = latent.abs() > truncation) {
    latent = at::where(beyond, again.normal(sizes), latent);
  }
  return latent;
}

at::Tensor interpolate_latents(const GeneratorOptions& options, const at::Tensor& anchors, int64_t steps) {
  const int64_t ways = anchors.size(0) - 1;
  const auto from = anchors.narrow(0, 0, ways).unsqueeze(1), to = anchors.narrow(0, 1, ways).unsqueeze(1);
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

double latent_reach(const GeneratorOptions& options) { return options.latent == "uniform" ? 1 : 2; }

at::Tensor latent_plane(const GeneratorOptions& options, int64_t side) {
  const double reach = latent_reach(options);
  const auto line = at::linspace(-reach, reach, side, at::kFloat);
  const int64_t rows = options.latent_size > 1 ? side : 1;
  const auto across = line.expand({rows, side}).reshape({-1}),
             down = line.repeat_interleave(side).narrow(0, 0, rows * side);
  std::vector<at::Tensor> numbers;
  for (int64_t i = 0; i < options.latent_size; ++i) numbers.push_back(i % 2 == 0 ? across : down);
  return at::stack(numbers, 1);
}

}  // namespace forger
