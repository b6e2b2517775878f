#include "api/preview_points.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/json.h"
#include "core/torch.h"
#include "games/latent.h"
#include "image/grid.h"
#include "metrics/two_sample.h"

namespace forger {
namespace {

using nlohmann::ordered_json;

/// Of fakes and of reals.
constexpr int64_t kMostPoints = 1000;
constexpr int64_t kFieldSide = 32;
constexpr int64_t kManifoldSide = 33;

/// A number with as many digits as a picture shows.
ordered_json short_number(double value) {
  constexpr double kScale = 1e4;
  return json_number(std::round(value * kScale) / kScale);
}

/// `[N]` as a list of numbers, `[N, 2]` as one of points [x, y].
ordered_json listed(const at::Tensor& values) {
  const auto there = values.to(at::kCPU, at::kDouble).contiguous();
  const double* next = there.const_data_ptr<double>();
  auto json = ordered_json::array();
  for (int64_t i = 0; i < there.size(0); ++i) {
    if (there.dim() == 1) {
      json.push_back(short_number(*next++));
    } else {
      json.push_back({short_number(next[0]), short_number(next[1])});
      next += 2;
    }
  }
  return json;
}

ordered_json first_points(const at::Tensor& points) {
  return listed(points.narrow(0, 0, std::min(kMostPoints, points.size(0))).flatten(1));
}

ordered_json bounds_of(double range) { return {-range, range}; }

/// The middles of the cells of a grid over [-range, range], row by row from the top: `[side * side, 2, 1, 1]`.
at::Tensor places(double range, int64_t side) {
  const auto middles = (at::arange(side, at::kFloat) + 0.5) * (2 * range / static_cast<double>(side)) - range;
  const auto x = middles.expand({side, side}), y = middles.flip(0).unsqueeze(1).expand({side, side});
  return at::stack({x, y}, 2).reshape({side * side, 2, 1, 1});
}

/// The logit of each point; of a class-conditional discriminator, that of the class for which it is largest.
at::Tensor scores(Exhibit& exhibit, const at::Tensor& points) {
  if (exhibit.classes() == 0) return exhibit.lone_logits(points, {});
  std::vector<at::Tensor> by_class;
  for (int64_t label = 0; label < exhibit.classes(); ++label) {
    by_class.push_back(exhibit.lone_logits(points, at::full({points.size(0)}, label, at::kLong)));
  }
  return std::get<0>(at::stack(by_class).max(0));
}

/// p(real) in the square: as the objective has it, else fitted to the scores of fakes and reals, as the referee does.
ordered_json field_of(Exhibit& exhibit, const at::Tensor& fakes, const at::Tensor& reals, double range) {
  if (!exhibit.has_discriminator()) return nullptr;
  const auto at_places = scores(exhibit, places(range, kFieldSide));
  auto p_real = exhibit.objective().probability(at_places);
  const bool fitted = !p_real.defined();
  if (fitted) {
    const auto of_reals = scores(exhibit, reals), of_fakes = scores(exhibit, fakes);
    const bool finite = at::isfinite(at::cat({of_reals, of_fakes, at_places})).all().item<bool>();
    p_real = finite ? platt_probability(fit_platt(of_reals, of_fakes), at_places)
                    : at::full_like(at_places, std::numeric_limits<double>::quiet_NaN());
  }
  return {{"side", kFieldSide}, {"fitted", fitted}, {"p_real", listed(p_real)}};
}

/// Where the generator takes a plane of latents; of a class-conditional one, of the first class.
ordered_json manifold_of(Exhibit& exhibit, const GeneratorOptions& options) {
  const auto latents = latent_plane(options, kManifoldSide);
  const auto labels = exhibit.classes() > 0 ? at::zeros({latents.size(0)}, at::kLong) : at::Tensor();
  const auto points = exhibit.generate({.latents = latents, .labels = labels}, /*averaged=*/true);
  return {{"latent_size", options.latent_size},
          {"reach", latent_reach(options)},
          {"columns", kManifoldSide},
          {"rows", latents.size(0) / kManifoldSide},
          {"points", listed(points.flatten(1))}};
}

}  // namespace

ordered_json real_points(const at::Tensor& reals) {
  return {{"bounds", bounds_of(plane_range(reals))}, {"reals", first_points(reals)}};
}

ordered_json preview_points(Exhibit& exhibit, const GeneratorOptions& options, const at::Tensor& fakes,
                            const at::Tensor& reals) {
  const double range = plane_range(reals);
  return {{"bounds", bounds_of(range)},
          {"classes", exhibit.classes()},
          {"fakes", first_points(fakes)},
          {"field", field_of(exhibit, fakes, reals, range)},
          {"manifold", manifold_of(exhibit, options)}};
}

}  // namespace forger
