#include "metrics/niqe.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "core/torch.h"
#include "image/float_image.h"
#include "metrics/checked.h"

namespace forger {
namespace {

constexpr int64_t kNiqeWindow = 7, kScales = 2;
constexpr double kNiqeSigma = 7.0 / 6, kSharpShare = 0.75;
/// Normalised luminance below this is the rounding of a flat place.
constexpr double kFlat = 1e-9;
/// The shapes of generalised Gaussians that are tried, as in the authors' program.
constexpr double kLeastShape = 0.2, kShapeStep = 0.001;
constexpr int64_t kShapes = 9801;

at::Tensor gamma_of(const at::Tensor& values) { return values.lgamma().exp(); }

/// Gaussian means around each pixel of `[H, W]`; borders repeat.
at::Tensor smoothed(const at::Tensor& picture) {
  constexpr int64_t kReach = kNiqeWindow / 2;
  const auto offsets = at::arange(kNiqeWindow, at::kDouble) - kReach;
  auto line = (offsets.square() / (-2 * kNiqeSigma * kNiqeSigma)).exp();
  line = line / line.sum();
  const auto padded =
      at::replication_pad2d(picture.view({1, 1, picture.size(0), picture.size(1)}), {kReach, kReach, kReach, kReach});
  return at::conv2d(at::conv2d(padded, line.view({1, 1, -1, 1})), line.view({1, 1, 1, -1})).squeeze(0).squeeze(0);
}

/// Squares of `[H, W]`, whose sides are multiples of `side`: `[P, side, side]`.
at::Tensor patches_of(const at::Tensor& picture, int64_t side) {
  const int64_t rows = picture.size(0) / side, columns = picture.size(1) / side;
  return picture.reshape({rows, side, columns, side}).permute({0, 2, 1, 3}).reshape({rows * columns, side, side});
}

/// Half of the picture's sides, antialiased bicubic.
at::Tensor half_of(const at::Tensor& picture) {
  FloatImage whole(picture.size(0), picture.size(1), 1);
  const auto floats = picture.to(at::kFloat).contiguous();
  std::copy_n(floats.const_data_ptr<float>(), whole.values.size(), whole.values.data());
  auto half = resized(whole, whole.height / 2, whole.width / 2);
  return at::from_blob(half.values.data(), {half.height, half.width}, at::kFloat).to(at::kDouble);
}

/// An asymmetric generalised Gaussian for each row: its shape, and the scales of its two sides.
struct GaussianFit {
  at::Tensor shape, left, right;
};

/// Moment matching over a table of shapes (Lasmar, Stitou & Berthoumieu 2009), as the authors' program does it;
/// `values`
/// `[P, N]`. Rows without values on one side give NaN.
GaussianFit fit_of(const at::Tensor& values) {
  static const auto shapes = kLeastShape + kShapeStep * at::arange(kShapes, at::kDouble);
  static const auto ratios = gamma_of(2 / shapes).square() / (gamma_of(1 / shapes) * gamma_of(3 / shapes));
  const auto squares = values.square();
  const auto deviation = [&](const at::Tensor& side) { return ((squares * side).sum(1) / side.sum(1)).sqrt(); };
  const auto left = deviation(values < 0), right = deviation(values > 0);
  const auto balance = left / right;
  const auto flatness = values.abs().mean(1).square() / squares.mean(1);
  const auto wanted = flatness * (balance.pow(3) + 1) * (balance + 1) / (balance.square() + 1).square();
  // The ratio grows with the shape: the nearest is the one above or the one below.
  const auto above = at::searchsorted(ratios, wanted.contiguous()).clamp(1, kShapes - 1), below = above - 1;
  const auto is_below = wanted - ratios.index_select(0, below) <= ratios.index_select(0, above) - wanted;
  const auto shape = shapes.index_select(0, at::where(is_below, below, above));
  const auto scale = (gamma_of(1 / shape) / gamma_of(3 / shape)).sqrt();
  return {shape, left * scale, right * scale};
}

/// `[P, 18]` of normalised patches `[P, side, side]`.
at::Tensor features_of(const at::Tensor& patches) {
  const auto own = fit_of(patches.flatten(1));
  std::vector<at::Tensor> features{own.shape, (own.left + own.right) / 2};
  for (const auto& [down, across] : {std::pair<int64_t, int64_t>{0, 1}, {1, 0}, {1, 1}, {1, -1}}) {
    const auto products = fit_of((patches * patches.roll({down, across}, {1, 2})).flatten(1));
    const auto mean = (products.right - products.left) * gamma_of(2 / products.shape) / gamma_of(1 / products.shape);
    features.insert(features.end(), {products.shape, mean, products.left, products.right});
  }
  return at::stack(features, 1);
}

at::Tensor covariance_of(const at::Tensor& features) { return at::cov(features.t()); }

}  // namespace

NaturalStatistics natural_statistics(const at::Tensor& grey) {
  torch::NoGradGuard no_grad;
  if (grey.dim() != 2) fail("natural_statistics: received {} dimensions, accepted: [height, width]", grey.dim());
  const int64_t height = grey.size(0) / kNiqePatch * kNiqePatch, width = grey.size(1) / kNiqePatch * kNiqePatch;
  if (height * width == 0) return {at::empty({0, kNiqeFeatures}, at::kDouble), at::empty({0}, at::kDouble)};
  auto picture = grey.slice(0, 0, height).slice(1, 0, width).to(at::kCPU, at::kDouble).contiguous();
  std::vector<at::Tensor> features;
  at::Tensor sharpness;
  for (int64_t scale = 1; scale <= kScales; ++scale) {
    const auto mean = smoothed(picture);
    const auto deviation = (smoothed(picture.square()) - mean.square()).abs().sqrt();
    const auto normalised = (picture - mean) / (deviation + 1);
    const auto clean = normalised.masked_fill(normalised.abs() < kFlat, 0);
    features.push_back(features_of(patches_of(clean, kNiqePatch / scale)));
    if (scale == 1) sharpness = patches_of(deviation, kNiqePatch).mean({1, 2});
    if (scale < kScales) picture = half_of(picture);
  }
  const auto all = at::cat(features, 1);
  const auto usable = at::isfinite(all).all(1).nonzero().flatten();
  return {all.index_select(0, usable), sharpness.index_select(0, usable)};
}

at::Tensor sharp_features(const NaturalStatistics& statistics) {
  if (statistics.sharpness.numel() == 0) return statistics.features;
  const auto sharp = statistics.sharpness > kSharpShare * statistics.sharpness.max();
  return statistics.features.index_select(0, sharp.nonzero().flatten());
}

NaturalModel::NaturalModel(const at::Tensor& features) {
  const auto rows = checked_matrix(features, "features of photographs", kLeastPatches);
  mean_ = rows.mean(0);
  covariance_ = covariance_of(rows);
}

double NaturalModel::distance(const at::Tensor& features) const {
  torch::NoGradGuard no_grad;
  const auto rows = checked_matrix(features, "features of a picture", kLeastPatchesMeasured);
  const auto apart = rows.mean(0) - mean_;
  const auto inverse = at::linalg_pinv((covariance_ + covariance_of(rows)) / 2);
  return apart.dot(inverse.mv(apart)).clamp_min(0).sqrt().item<double>();
}

}  // namespace forger
