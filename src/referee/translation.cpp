#include "referee/translation.h"

#include <algorithm>
#include <cmath>

#include "core/torch.h"
#include "image/grid.h"
#include "metrics/distances.h"

namespace forger {
namespace {

/// Differences of a level of 255 or less, in [-1, 1], tell nothing.
constexpr double kLevel = 2.0 / 255;
/// Of the normal distribution, for the upper end of a 90 % interval.
constexpr double kZ90 = 1.645;
at::Tensor lightness(const at::Tensor& images) {
  return images.size(1) == 3 ? luma_of(images) : images.mean(1, /*keepdim=*/true);
}

at::Tensor squared_distances(const at::Tensor& one, const at::Tensor& other) {
  return (one - other).square().mean(at::IntArrayRef{1, 2, 3});
}

double mean_distance(const at::Tensor& one, const at::Tensor& other) {
  return squared_distances(one, other).sqrt().mean().item<double>();
}

/// Of each image and its neighbour in the list.
double mean_square_apart(const at::Tensor& images) {
  return squared_distances(images, images.roll(1, 0)).mean().item<double>();
}

/// Mean correlation of the lightness of two images, pair by pair; where one of them is even, it is none.
double lightness_agreement(const at::Tensor& one, const at::Tensor& other) {
  const auto centred = [](const at::Tensor& images) {
    const auto flat = lightness(images).flatten(1);
    return flat - flat.mean(1, /*keepdim=*/true);
  };
  const auto a = centred(one), b = centred(other);
  const auto norms = (a.square().sum(1) * b.square().sum(1)).sqrt();
  return ((a * b).sum(1) / norms.clamp_min(1e-6)).mean().item<double>();
}

}  // namespace

at::Tensor as_images(const at::Tensor& sources, int64_t channels) {
  if (channels != 1 && channels != 3) return {};
  auto images = sources;
  if (images.size(1) == 4) {
    const auto opaque = (images.narrow(1, 3, 1) + 1) / 2;
    images = images.narrow(1, 0, 3) * opaque + (1 - opaque);
  }
  if (images.size(1) == channels) return images;
  return channels == 1 ? lightness(images) : images.expand({-1, channels, -1, -1});
}

double source_effect(const at::Tensor& made, const at::Tensor& again, const at::Tensor& real,
                     const at::Tensor& sources) {
  const double usual = std::min(mean_square_apart(real), mean_square_apart(sources));
  if (usual < kLevel * kLevel) return kUnknown;
  const double by_chance = squared_distances(made, again).mean().item<double>();
  return std::sqrt(std::max(mean_square_apart(made) - by_chance, 0.0) / usual);
}

double color_spread(const at::Tensor& images) {
  if (images.size(1) != 3) return kUnknown;
  const auto means = images.mean(at::IntArrayRef{2, 3});
  const auto colours = means - means.mean(1, /*keepdim=*/true);
  return colours.var(0, /*unbiased=*/false).sum().sqrt().item<double>();
}

void measure_translation(const Reference& real, const at::Tensor& made, bool has_truths, bool has_image_sources,
                         Check& check) {
  if (const double usual = color_spread(real.unseen); usual > kLevel) check.color_variety = color_spread(made) / usual;
  if (has_truths) {
    const auto own = squared_distances(made, real.unseen), others = squared_distances(made, real.unseen.roll(1, 0));
    check.own_truth = ((own < others).to(at::kDouble) + (own == others).to(at::kDouble) / 2).mean().item<double>();
    check.own_truth_high = check.own_truth + kZ90 * std::sqrt(0.25 / static_cast<double>(made.size(0)));
  }
  const auto& copies = real.unseen_copies;
  if (!copies.defined() || !has_image_sources) return;
  const double usual = has_truths ? mean_distance(real.unseen, copies) : image_spread(copies);
  if (usual > kLevel) {
    check.source_distance = mean_distance(made, copies) / usual;
    if (has_truths) check.truth_distance = mean_distance(made, real.unseen) / usual;
  }
  check.source_kid = real.kid_sources;
  check.source_kid_low = real.kid_sources_low;
  check.light_agreement = lightness_agreement(made, has_truths ? real.unseen : copies);
  check.negative_kid = kernel_distance(real.unseen_features, real.net->features(-made)).value;
}

}  // namespace forger
