#include "metrics/patch_filters.h"

#include <algorithm>

#include "core/torch.h"
#include "metrics/checked.h"

namespace forger {
namespace {

constexpr int64_t kPatchSide = 6, kLeastStride = 2, kPlacesPerSide = 14;
constexpr int64_t kLearningImages = 400, kLearningPatches = 40'000, kRounds = 10;
constexpr int64_t kMostComponents = 48;
/// Added to a patch's variance: 8 levels squared, on the scale where black to white is 2. Keeps noise that nobody sees
/// in flat patches from counting.
constexpr double kVarianceFloor = 64 / (127.5 * 127.5);
constexpr double kWhiteningFloor = 0.1;

/// So that at most `kPlacesPerSide` patches stand along a side.
int64_t stride_for(int64_t side, int64_t patch_side) {
  return std::max(kLeastStride, (side - patch_side + kPlacesPerSide - 2) / (kPlacesPerSide - 1));
}

/// Lloyd's rounds from random rows; a centre that loses all its rows stays where it was.
at::Tensor k_means(const at::Tensor& rows, int64_t count, at::Generator& random) {
  auto centers = rows.index_select(0, at::randperm(rows.size(0), random, at::kLong).narrow(0, 0, count));
  for (int64_t round = 0; round < kRounds; ++round) {
    const auto cells = at::addmm(centers.square().sum(1).unsqueeze(0), rows, centers.t(), 1, -2).argmin(1);
    const auto member = at::one_hot(cells, count).to(at::kFloat);
    const auto sizes = member.sum(0).unsqueeze(1);
    centers = at::where(sizes > 0, at::mm(member.t(), rows) / sizes.clamp_min(1), centers);
  }
  return centers;
}

}  // namespace

PatchFilters::PatchFilters(const at::Tensor& images, int64_t count, at::Generator& random)
    : patch_side_(std::min({kPatchSide, images.size(2), images.size(3)})),
      row_stride_(stride_for(images.size(2), patch_side_)),
      column_stride_(stride_for(images.size(3), patch_side_)) {
  const int64_t images_used = std::min(images.size(0), kLearningImages);
  const auto some = images.index_select(0, at::randperm(images.size(0), random, at::kLong).narrow(0, 0, images_used));
  auto patches = normalized(some).patches;
  const int64_t patches_used = std::min(patches.size(0), kLearningPatches);
  patches = patches.index_select(0, at::randperm(patches.size(0), random, at::kLong).narrow(0, 0, patches_used));

  const auto mean = patches.mean(0);
  const auto centered = (patches - mean).to(at::kDouble);
  const auto [values, vectors] = at::linalg_eigh(at::mm(centered.t(), centered) / static_cast<double>(patches_used));
  const int64_t kept = std::min(kMostComponents, values.size(0));
  const auto leading = vectors.narrow(1, values.size(0) - kept, kept);
  const auto scales = (values.narrow(0, values.size(0) - kept, kept).clamp_min(0) + kWhiteningFloor).rsqrt();
  whitening_ = (leading * scales).to(at::kFloat).contiguous();
  offset_ = at::mv(whitening_.t(), mean).neg();
  centers_ = k_means(at::addmm(offset_, patches, whitening_), std::min(count, patches_used), random);
  center_squares_ = centers_.square().sum(1).unsqueeze(0);
}

PatchFilters::Normalized PatchFilters::normalized(const at::Tensor& images) const {
  const auto places = images.unfold(2, patch_side_, row_stride_).unfold(3, patch_side_, column_stride_);
  const int64_t numbers = images.size(1) * patch_side_ * patch_side_;
  const auto rows = places.permute({0, 2, 3, 1, 4, 5}).reshape({-1, numbers});
  const auto [patches, mean, inverse_spread] = at::native_layer_norm(rows, {numbers}, {}, {}, kVarianceFloor);
  return {patches, inverse_spread.flatten().reciprocal(), places.size(2), places.size(3)};
}

at::Tensor PatchFilters::respond(const at::Tensor& images) const {
  const auto seen = normalized(images);
  const auto white = at::addmm(offset_, seen.patches, whitening_);
  auto distances = at::addmm(center_squares_, white, centers_.t(), 1, -2);
  distances.add_(white.square().sum(1, true)).clamp_min_(0).sqrt_();
  const auto active = (distances.mean(1, true) - distances).relu_();
  const auto quadrants = [&](const at::Tensor& values) {
    const auto map = values.view({images.size(0), seen.rows, seen.columns, -1});
    const int64_t upper = (seen.rows + 1) / 2, left = (seen.columns + 1) / 2;
    const auto part = [&](int64_t row, int64_t column) {
      return map.narrow(1, row, upper).narrow(2, column, left).mean(at::IntArrayRef{1, 2});
    };
    const int64_t row = seen.rows - upper, column = seen.columns - left;
    return at::cat({part(0, 0), part(0, column), part(row, 0), part(row, column)}, 1);
  };
  return at::cat({quadrants(active), quadrants(seen.contrast)}, 1);
}

}  // namespace forger
