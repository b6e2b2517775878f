#include <algorithm>
#include <vector>

#include "core/fail.h"
#include "core/random.h"
#include "core/torch.h"
#include "metrics/checked.h"
#include "metrics/distances.h"

namespace forger {
namespace {

constexpr int64_t kPatchesPerImage = 128, kDirections = 512, kDirectionsAtOnce = 64;
/// The pyramid ends before a side is shorter.
constexpr int64_t kLeastLevelSide = 16;
/// More images are thinned out: sorting their patches would take minutes and change little.
constexpr int64_t kSwdMostImages = 512;

at::Tensor blurred(const at::Tensor& images, double gain) {
  const auto line = at::tensor(std::vector<float>{1, 4, 6, 4, 1}) / 16;
  const auto filter = (at::outer(line, line) * gain).expand({images.size(1), 1, 5, 5});
  return at::conv2d(at::reflection_pad2d(images, {2, 2, 2, 2}), filter, {}, 1, at::IntArrayRef(0), 1, images.size(1));
}

at::Tensor halved(const at::Tensor& images) {
  using at::indexing::Slice;
  return blurred(images, 1).index({Slice(), Slice(), Slice(0, at::indexing::None, 2), Slice(0, at::indexing::None, 2)});
}

at::Tensor doubled_like(const at::Tensor& images, const at::Tensor& like) {
  using at::indexing::Slice;
  auto spread = at::zeros_like(like);
  spread.index_put_({Slice(), Slice(), Slice(0, at::indexing::None, 2), Slice(0, at::indexing::None, 2)}, images);
  return blurred(spread, 4);
}

std::vector<at::Tensor> laplacian_pyramid(at::Tensor images) {
  std::vector<at::Tensor> levels;
  while (std::min(images.size(2), images.size(3)) / 2 >= kLeastLevelSide) {
    const auto small = halved(images);
    levels.push_back(images - doubled_like(small, images));
    images = small;
  }
  levels.push_back(images);
  return levels;
}

/// Patches at random places, `[N * 128, C, 7, 7]`.
at::Tensor patches(const at::Tensor& level, at::Generator& random) {
  const int64_t count = level.size(0), total = count * kPatchesPerImage;
  const auto image = at::arange(count, at::kLong).repeat_interleave(kPatchesPerImage).view({total, 1, 1, 1});
  const auto channel = at::arange(level.size(1), at::kLong).view({1, -1, 1, 1});
  const auto inside = at::arange(kSwdPatchSide, at::kLong);
  const auto place = [&](int64_t side) {
    return at::randint(side - kSwdPatchSide + 1, {total, 1, 1, 1}, random, at::kLong);
  };
  const auto row = place(level.size(2)) + inside.view({1, 1, -1, 1});
  const auto column = place(level.size(3)) + inside.view({1, 1, 1, -1});
  return level.index({image, channel, row, column});
}

/// Mean distance of sorted projections of two point clouds `[N, d]` of one size.
double sliced_distance(const at::Tensor& first, const at::Tensor& second, at::Generator& random) {
  auto directions = at::randn({first.size(1), kDirections}, random, at::kFloat);
  directions = directions / directions.norm(2, 0, true);
  double sum = 0;
  for (int64_t start = 0; start < kDirections; start += kDirectionsAtOnce) {
    const auto some = directions.narrow(1, start, kDirectionsAtOnce).t().contiguous();
    const auto sorted = [&](const at::Tensor& points) { return std::get<0>(at::sort(at::mm(some, points.t()), 1)); };
    sum += (sorted(first) - sorted(second)).abs_().mean(at::kDouble).item<double>() * kDirectionsAtOnce;
  }
  return sum / kDirections;
}

double level_distance(const at::Tensor& real, const at::Tensor& fake, at::Generator& random) {
  const auto real_patches = patches(real, random), fake_patches = patches(fake, random);
  const auto mean = real_patches.mean({0, 2, 3}, true);
  const auto spread = real_patches.std({0, 2, 3}, /*unbiased=*/false, true);
  const auto scale = at::where(spread > 0, spread, at::ones_like(spread));
  return sliced_distance(((real_patches - mean) / scale).flatten(1), ((fake_patches - mean) / scale).flatten(1),
                         random);
}

at::Tensor checked_images(const at::Tensor& images, const char* what) {
  if (!images.defined() || images.dim() != 4 || images.size(0) < 1) {
    fail("{}: received {}, accepted: images [N, C, H, W]", what,
         images.defined() ? fmt::format("{} dimensions", images.dim()) : "nothing");
  }
  const auto result = images.detach().to(at::kCPU, at::kFloat).contiguous();
  if (!at::isfinite(result).all().item<bool>()) fail("{}: received NaN or infinity, accepted: finite numbers", what);
  return result;
}

}  // namespace

double sliced_wasserstein(const at::Tensor& real, const at::Tensor& fake, uint64_t seed) {
  constexpr double kScale = 1000;
  auto a = checked_images(real, "real images"), b = checked_images(fake, "fake images");
  if (a.sizes().slice(1) != b.sizes().slice(1)) {
    fail("sliced wasserstein: received fakes of {}x{}x{}, accepted: {}x{}x{} as the reals (channels, height, width)",
         b.size(1), b.size(2), b.size(3), a.size(1), a.size(2), a.size(3));
  }
  const bool points = a.size(2) == 1 && a.size(3) == 1;
  if (!points && std::min(a.size(2), a.size(3)) < kSwdPatchSide) {
    fail("sliced wasserstein: received images of {}x{} pixels, accepted: {} pixels a side or more", a.size(2),
         a.size(3), kSwdPatchSide);
  }
  // One projected point of each side stands against one of the other: equal counts.
  const int64_t count = std::min({a.size(0), b.size(0), points ? kSwdMostImages * kPatchesPerImage : kSwdMostImages});
  auto random = make_random(seed);
  a = thinned(a, count, seed);
  b = thinned(b, count, seed + 1);
  if (points) return kScale * sliced_distance(a.flatten(1), b.flatten(1), random);
  const auto real_levels = laplacian_pyramid(a), fake_levels = laplacian_pyramid(b);
  double sum = 0;
  for (size_t i = 0; i < real_levels.size(); ++i) sum += level_distance(real_levels[i], fake_levels[i], random);
  return kScale * sum / static_cast<double>(real_levels.size());
}

}  // namespace forger
