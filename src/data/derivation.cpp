#include "data/derivation.h"

#include <algorithm>
#include <cmath>

#include "core/fail.h"
#include "core/torch.h"
#include "data/degradation.h"
#include "image/float_image.h"

namespace forger {
namespace {

constexpr double kEdgeSmoothness = 1;
/// Levels a pixel between slopes that only rounding tells apart.
constexpr double kSameSlope = 1e-3;
constexpr int64_t kEdgeReach = 5;  // three of the kernel, one of the slope, one of its neighbours

/// Three deviations to each side.
int64_t gaussian_reach(double deviation) { return static_cast<int64_t>(std::ceil(3 * deviation)); }

FloatImage smoothed(const Pixels& image, double deviation) {
  const auto kernel = blur_kernel(2 * gaussian_reach(deviation) + 1, deviation, deviation, 0, 2, /*plateau=*/false);
  return filtered(to_float(image), kernel);
}

/// Slopes of a grey image, in levels a pixel.
struct Slopes {
  int64_t height, width;
  std::vector<double> down, right;

  double at(int64_t y, int64_t x) const {
    if (y < 0 || x < 0 || y >= height || x >= width) return 0;
    const auto place = static_cast<size_t>(y * width + x);
    return std::hypot(down[place], right[place]);
  }
};

Slopes slopes_of(const FloatImage& grey) {
  Slopes slopes{grey.height, grey.width, {}, {}};
  const auto level = [&](int64_t y, int64_t x) {
    y = std::clamp<int64_t>(y, 0, grey.height - 1);
    x = std::clamp<int64_t>(x, 0, grey.width - 1);
    return 255.0 * static_cast<double>(grey.row(y)[x]);
  };
  for (int64_t y = 0; y < grey.height; ++y) {
    for (int64_t x = 0; x < grey.width; ++x) {
      slopes.down.push_back((level(y + 1, x) - level(y - 1, x)) / 2);
      slopes.right.push_back((level(y, x + 1) - level(y, x - 1)) / 2);
    }
  }
  return slopes;
}

/// Whether the slope is nowhere greater one pixel up or down the hill.
bool is_ridge(const Slopes& slopes, int64_t y, int64_t x) {
  const auto place = static_cast<size_t>(y * slopes.width + x);
  const double down = slopes.down[place], right = slopes.right[place], here = slopes.at(y, x);
  // The nearest of the eight directions: half of the right angle between two axes belongs to each of them.
  const double limit = here * std::sin(std::acos(-1.0) / 8);
  const int64_t step_y = std::abs(down) < limit ? 0 : down > 0 ? 1 : -1;
  const int64_t step_x = std::abs(right) < limit ? 0 : right > 0 ? 1 : -1;
  // Of two equal ones the brighter side has the edge.
  return here >= slopes.at(y - step_y, x - step_x) - kSameSlope &&
         here > slopes.at(y + step_y, x + step_x) + kSameSlope;
}

double draw_between(const ItemRandom& random, double low, double high) {
  return random.uniform({1}, low, high).item<double>();
}

/// See-through, and black, in a rectangle.
Pixels with_hole(const Pixels& image, double most, const ItemRandom& random) {
  auto masked = to_channels(image, 4);
  const auto side = [&](int64_t whole) {
    const double share = draw_between(random, most / 2, most);
    return std::clamp<int64_t>(std::llround(share * static_cast<double>(whole)), 1, whole);
  };
  const int64_t height = side(image.height), width = side(image.width);
  const int64_t top = random.whole(image.height - height + 1), left = random.whole(image.width - width + 1);
  for (int64_t y = top; y < top + height; ++y) std::fill_n(masked.row(y) + 4 * left, 4 * width, uint8_t{0});
  return masked;
}

}  // namespace

bool is_derived(const PairsOptions& options) {
  for (const char* kind : {"edges", "grey", "blur", "mask"}) {
    if (options.source == kind) return true;
  }
  return false;
}

Pixels Derivation::apply(const Pixels& image, const ItemRandom& random) const {
  if (options_.source == "edges") return edges_of(image, options_.edges);
  if (options_.source == "grey") return to_channels(image, 1);
  if (options_.source == "blur") return to_pixels(smoothed(image, options_.blur));
  if (options_.source == "mask") return with_hole(image, options_.mask, random);
  fail("pairs.source: received \"{}\", accepted: edges, grey, blur, mask", options_.source);
}

int64_t Derivation::reach_px() const {
  if (options_.source == "edges") return kEdgeReach;
  return options_.source == "blur" ? gaussian_reach(options_.blur) : 0;
}

int64_t Derivation::channels(int64_t of_images) const {
  if (options_.source == "mask") return 4;
  return options_.source == "blur" ? of_images : 1;
}

Pixels edges_of(const Pixels& image, double least) {
  const auto slopes = slopes_of(smoothed(to_channels(image, 1), kEdgeSmoothness));
  Pixels edges(image.height, image.width, 1);
  for (int64_t y = 0; y < image.height; ++y) {
    for (int64_t x = 0; x < image.width; ++x) {
      const bool drawn = slopes.at(y, x) >= least && slopes.at(y, x) > 0 && is_ridge(slopes, y, x);
      edges.row(y)[x] = drawn ? 0 : 255;
    }
  }
  return edges;
}

}  // namespace forger
