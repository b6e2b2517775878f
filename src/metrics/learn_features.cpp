#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/crc32c.h"
#include "core/fail.h"
#include "core/interruption.h"
#include "core/plural.h"
#include "core/random.h"
#include "core/shape.h"
#include "core/torch.h"
#include "metrics/checked.h"
#include "metrics/features.h"
#include "metrics/patch_filters.h"

namespace forger {
namespace {

constexpr int64_t kFeatures = 256, kFilters = 128, kBatchImages = 64;
constexpr int64_t kMostImages = 2000;
/// Larger images are looked at twice: whole, as thumbnails of this side, and in detail.
constexpr int64_t kThumbnailSide = 32, kMostSideWithoutThumbnail = 48;
/// Grid of mean colours, which the patches, freed of their brightness, do not tell.
constexpr int64_t kColorGrid = 4;
constexpr double kColorWeight = 0.5;
/// A component of variance v is divided by v^0.25: half-way to whitening. Unwhitened, the few components of content
/// hide blur and noise; whitened, all neighbours are equally far.
constexpr double kWhitening = 0.25;
/// Of the whole variance: components below it are rounding.
constexpr double kLeastVariance = 1e-9;

ImageShape shape_of(const at::Tensor& images) { return {images.size(1), images.size(2), images.size(3)}; }

at::Tensor checked_images(const at::Tensor& images, const char* what, int64_t least) {
  if (!images.defined() || images.dim() != 4) {
    fail("{}: received {}, accepted: images [N, C, H, W]", what,
         images.defined() ? fmt::format("{} dimensions", images.dim()) : "nothing");
  }
  if (images.size(0) < least)
    fail("{}: received {}, accepted: {} or more", what, counted(images.size(0), "image"), least);
  const auto result = images.detach().to(at::kCPU, at::kFloat).contiguous();
  if (!at::isfinite(result).all().item<bool>())
    fail("{}: received NaN or infinity, accepted: numbers in [-1, 1]", what);
  return result;
}

/// Counted up when the same images are to give other features.
constexpr std::string_view kVersion = "1";

/// What a network was learnt from names it: its weights differ in their last bits with the number of threads.
std::string hash_of(const at::Tensor& images, uint64_t seed) {
  const std::string_view bytes(static_cast<const char*>(images.const_data_ptr()), images.nbytes());
  const auto learnt_from =
      fmt::format("{} {} {} {:08x}", kVersion, seed, fmt::join(images.sizes(), "x"), crc32c(bytes));
  return fmt::format("{:08x}", crc32c(learnt_from));
}

/// What learnt networks share: the shape they know, batches, a last step to `size()` numbers.
class LearnedFeatures : public FeatureNet {
 public:
  std::string hash() const override { return hash_; }
  int64_t size() const override { return offset_.size(0); }

  at::Tensor features(const at::Tensor& images) const override {
    const auto checked = checked_images(images, "features", 0);
    if (shape_of(checked) != shape_) {
      const auto [channels, height, width] = shape_of(checked);
      fail(
          "features: received images of {}x{}x{}, accepted: {}x{}x{}, as this network learnt (channels, height, width)",
          channels, height, width, shape_.channels, shape_.height, shape_.width);
    }
    const auto result = at::empty({checked.size(0), size()}, at::kFloat);
    for (int64_t start = 0; start < checked.size(0); start += kBatchImages) {
      go_on_unless_interrupted();
      const int64_t count = std::min(kBatchImages, checked.size(0) - start);
      auto part = result.narrow(0, start, count);
      at::addmm_out(part, offset_, raw(checked.narrow(0, start, count)), projection_);
    }
    return result;
  }

 protected:
  LearnedFeatures(const at::Tensor& images, uint64_t seed) : shape_(shape_of(images)), hash_(hash_of(images, seed)) {}
  const ImageShape& shape() const { return shape_; }

  /// `[N, r]` of one batch.
  virtual at::Tensor raw(const at::Tensor& images) const = 0;

  at::Tensor all_raw(const at::Tensor& images) const {
    std::vector<at::Tensor> parts;
    for (const auto& batch : images.split(kBatchImages)) {
      go_on_unless_interrupted();
      parts.push_back(raw(batch));
    }
    return at::cat(parts);
  }

  /// `projection` `[r, size]`, float64, is scaled so that E|x|^2 = size on the raw features that it was learnt from.
  void set_projection(const at::Tensor& projection, const at::Tensor& mean, double mean_square) {
    const double scale = std::sqrt(static_cast<double>(projection.size(1)) / mean_square);
    projection_ = (projection * scale).to(at::kFloat).contiguous();
    offset_ = at::mv(projection.t(), mean).mul_(-scale).to(at::kFloat);
  }

 private:
  ImageShape shape_;
  std::string hash_;
  at::Tensor projection_;
  at::Tensor offset_;
};

class PatchFeatures : public LearnedFeatures {
 public:
  PatchFeatures(const at::Tensor& images, uint64_t seed, at::Generator& random)
      : LearnedFeatures(images, seed), detail_(images, kFilters, random) {
    if (std::max(images.size(2), images.size(3)) > kMostSideWithoutThumbnail) {
      whole_.emplace(thumbnails(images), kFilters, random);
    }
    learn_projection(all_raw(images).to(at::kDouble));
  }

  std::string name() const override { return fmt::format("patch features (Coates 2011), {}", size()); }

 protected:
  at::Tensor raw(const at::Tensor& images) const override {
    std::vector<at::Tensor> parts{colors(images), detail_.respond(images)};
    if (whole_) parts.push_back(whole_->respond(thumbnails(images)));
    return at::cat(parts, 1);
  }

 private:
  static at::Tensor thumbnails(const at::Tensor& images) {
    return at::adaptive_avg_pool2d(
        images, {std::min(kThumbnailSide, images.size(2)), std::min(kThumbnailSide, images.size(3))});
  }
  static at::Tensor colors(const at::Tensor& images) {
    return at::adaptive_avg_pool2d(images, {std::min(kColorGrid, images.size(2)), std::min(kColorGrid, images.size(3))})
        .flatten(1);
  }

  /// Leading principal components, where colours have `kColorWeight` of the variance that the patches have.
  void learn_projection(const at::Tensor& raw) {
    const auto mean = raw.mean(0);
    auto centered = raw - mean;
    const int64_t colors =
        std::min(kColorGrid, shape().height) * std::min(kColorGrid, shape().width) * shape().channels;
    const auto variance = centered.square().mean(0);
    const double color_variance = variance.narrow(0, 0, colors).sum().item<double>();
    const double patch_variance = variance.narrow(0, colors, variance.size(0) - colors).sum().item<double>();
    if (!(color_variance + patch_variance > 0)) {  // equal images say nothing of what varies: all counts
      set_projection(at::eye(raw.size(1), at::kDouble), mean, static_cast<double>(raw.size(1)));
      return;
    }
    auto scales = at::ones_like(mean);
    if (color_variance > 0 && patch_variance > 0) {
      scales.narrow(0, 0, colors).fill_(std::sqrt(kColorWeight * patch_variance / color_variance));
    }
    centered.mul_(scales);
    const auto [values, vectors] = at::linalg_eigh(at::mm(centered.t(), centered) / static_cast<double>(raw.size(0)));
    // With few images the later components are chance.
    const int64_t kept = std::min({kFeatures, values.size(0), raw.size(0) / 4});
    const double least = kLeastVariance * (color_variance + patch_variance);
    const auto variances = values.narrow(0, values.size(0) - kept, kept).clamp_min(least);
    const auto leading =
        vectors.narrow(1, values.size(0) - kept, kept) * scales.unsqueeze(1) * variances.pow(-kWhitening);
    const double mean_square = variances.pow(1 - 2 * kWhitening).sum().item<double>();
    set_projection(leading, mean, mean_square);
  }

  PatchFilters detail_;
  std::optional<PatchFilters> whole_;
};

/// Cosines of random frequencies (Rahimi & Recht 2007, "Random features for large-scale kernel machines").
class FourierFeatures : public LearnedFeatures {
 public:
  FourierFeatures(const at::Tensor& points, uint64_t seed, at::Generator& random) : LearnedFeatures(points, seed) {
    const auto rows = points.flatten(1).to(at::kDouble);
    const double variance = rows.var(0, /*unbiased=*/false).sum().item<double>();
    const double spread = variance > 0 ? std::sqrt(variance) : 1;
    constexpr double kLeastShare = 1e-3;
    const auto distances = squared_distances(rows - rows.mean(0), rows - rows.mean(0))
                               .fill_diagonal_(std::numeric_limits<double>::infinity());
    const double nearest = std::get<0>(distances.min(1)).median().sqrt().item<double>();
    const double finest = std::clamp(nearest, kLeastShare * spread, spread);
    const auto bandwidths =
        at::pow(10, at::linspace(std::log10(finest), std::log10(spread), kFeatures, at::kDouble)).to(at::kFloat);
    frequencies_ = at::randn({rows.size(1), kFeatures}, random, at::kFloat) / bandwidths;
    phases_ = at::rand({kFeatures}, random, at::kFloat) * (2 * M_PI);
    const auto waves = raw(points).to(at::kDouble);
    const auto mean = waves.mean(0);
    const double mean_square = (waves - mean).square().sum(1).mean().item<double>();
    set_projection(at::eye(kFeatures, at::kDouble), mean, variance > 0 ? mean_square : static_cast<double>(kFeatures));
  }

  std::string name() const override { return fmt::format("random Fourier features (Rahimi 2007), {}", size()); }

 protected:
  at::Tensor raw(const at::Tensor& points) const override {
    return at::addmm(phases_, points.flatten(1), frequencies_).cos_();
  }

 private:
  at::Tensor frequencies_;
  at::Tensor phases_;
};

}  // namespace

std::shared_ptr<const FeatureNet> learn_features(const at::Tensor& images, uint64_t seed) {
  const auto checked = thinned(checked_images(images, "learning features", kLeastLearningImages), kMostImages, seed);
  auto random = make_random(seed);
  if (shape_of(checked).is_point()) return std::make_shared<FourierFeatures>(checked, seed, random);
  return std::make_shared<PatchFeatures>(checked, seed, random);
}

}  // namespace forger
