#include "image/float_image.h"

#include <algorithm>
#include <cmath>

#include "image/taps.h"

namespace forger {
namespace {

/// An output position of a resize: the sum of `weights[k] * input[places[k]]`.
struct FloatTaps {
  std::vector<int64_t> places;
  std::vector<float> weights;
};

/// A place beyond the border, mirrored as often as it takes: 1 0 | 0 1 2 | 2 1.
int64_t mirrored(int64_t place, int64_t length) {
  const int64_t period = 2 * length;
  place = ((place % period) + period) % period;
  return place < length ? place : period - 1 - place;
}

double kernel_at(Kernel kernel, double x) {
  if (kernel == Kernel::box) return x >= -0.5 && x < 0.5 ? 1 : 0;
  return filter_at(kernel == Kernel::linear ? Filter::bilinear : Filter::bicubic, x);
}

std::vector<FloatTaps> float_taps(int64_t from, int64_t to, Kernel kernel) {
  const double scale = static_cast<double>(to) / static_cast<double>(from), stretch = std::min(scale, 1.0);
  const double width = (kernel == Kernel::box ? 1 : kernel == Kernel::linear ? 2 : 4) / stretch;
  std::vector<FloatTaps> taps(static_cast<size_t>(to));
  for (int64_t i = 0; i < to; ++i) {
    const double center = (static_cast<double>(i) + 0.5) / scale - 0.5;
    const auto first = static_cast<int64_t>(std::floor(center - width / 2));
    const auto count = static_cast<int64_t>(std::ceil(width)) + 2;
    double sum = 0;
    std::vector<double> weights;
    for (int64_t k = first; k < first + count; ++k) {
      weights.push_back(kernel_at(kernel, stretch * (center - static_cast<double>(k))));
      sum += weights.back();
    }
    auto& tap = taps[static_cast<size_t>(i)];
    for (int64_t k = 0; k < count; ++k) {
      const double weight = weights[static_cast<size_t>(k)] / sum;
      if (weight == 0) continue;
      tap.places.push_back(mirrored(first + k, from));
      tap.weights.push_back(static_cast<float>(weight));
    }
  }
  return taps;
}

}  // namespace

FloatImage to_float(const Pixels& image) {
  FloatImage result(image.height, image.width, image.channels);
  std::ranges::transform(image.values, result.values.begin(),
                         [](uint8_t value) { return static_cast<float>(value) / 255.0F; });
  return result;
}

Pixels to_pixels(const FloatImage& image) {
  Pixels result(image.height, image.width, image.channels);
  std::ranges::transform(image.values, result.values.begin(), [](float value) {
    return static_cast<uint8_t>(std::lround(std::clamp(value, 0.0F, 1.0F) * 255.0F));
  });
  return result;
}

FloatImage resized(const FloatImage& image, int64_t height_px, int64_t width_px, Kernel kernel) {
  const int64_t channels = image.channels;
  const auto down = float_taps(image.height, height_px, kernel), across = float_taps(image.width, width_px, kernel);
  FloatImage lower(height_px, image.width, channels);
  for (int64_t y = 0; y < height_px; ++y) {
    const auto& tap = down[static_cast<size_t>(y)];
    float* to = lower.row(y);
    for (size_t k = 0; k < tap.places.size(); ++k) {
      const float* from = image.row(tap.places[k]);
      for (int64_t x = 0; x < image.width * channels; ++x) to[x] += tap.weights[k] * from[x];
    }
  }
  FloatImage result(height_px, width_px, channels);
  for (int64_t y = 0; y < height_px; ++y) {
    const float* from = lower.row(y);
    float* to = result.row(y);
    for (const auto& tap : across) {
      for (size_t k = 0; k < tap.places.size(); ++k) {
        for (int64_t c = 0; c < channels; ++c) to[c] += tap.weights[k] * from[tap.places[k] * channels + c];
      }
      to += channels;
    }
  }
  return result;
}

FloatImage filtered(const FloatImage& image, const std::vector<float>& kernel) {
  const auto side = static_cast<int64_t>(std::llround(std::sqrt(static_cast<double>(kernel.size()))));
  const int64_t reach = side / 2, channels = image.channels, width = image.width + 2 * reach;
  FloatImage padded(image.height + 2 * reach, width, channels);
  for (int64_t y = 0; y < padded.height; ++y) {
    const float* from = image.row(mirrored(y - reach, image.height));
    float* to = padded.row(y);
    for (int64_t x = 0; x < width; ++x) {
      for (int64_t c = 0; c < channels; ++c) *to++ = from[mirrored(x - reach, image.width) * channels + c];
    }
  }
  FloatImage result(image.height, image.width, channels);
  for (int64_t y = 0; y < image.height; ++y) {
    float* to = result.row(y);
    for (int64_t i = 0; i < side * side; ++i) {
      const float weight = kernel[static_cast<size_t>(i)];
      if (weight == 0) continue;
      const float* from = padded.row(y + i / side) + (i % side) * channels;
      for (int64_t x = 0; x < image.width * channels; ++x) to[x] += weight * from[x];
    }
  }
  return result;
}

}  // namespace forger
