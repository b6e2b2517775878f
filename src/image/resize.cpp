#include "image/resize.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "core/text.h"
#include "image/taps.h"
#include "image/tiles.h"

namespace forger {
namespace {

/// Weights are integers of this many fractional bits; with 8 bits of pixel and 2 of head room they fill 32
/// bits.
constexpr int kPrecisionBits = 32 - 8 - 2;

/// One output position: it is the sum of `weights[k] * input[first + k]`.
struct Taps {
  int64_t first = 0;
  std::vector<int32_t> weights;
};

std::vector<Taps> make_taps(int64_t from, int64_t to, Filter filter) {
  std::vector<Taps> taps;
  for (const auto& [first, weights] : filter_taps(from, to, filter)) {
    Taps& tap = taps.emplace_back();
    tap.first = first;
    for (const double weight : weights) {
      const double fixed = weight * (1 << kPrecisionBits);
      tap.weights.push_back(static_cast<int32_t>(fixed < 0 ? fixed - 0.5 : fixed + 0.5));
    }
  }
  return taps;
}

uint8_t rounded(int32_t sum) { return static_cast<uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255)); }

constexpr int32_t kHalf = 1 << (kPrecisionBits - 1);

template <int Channels>
void resize_row(const uint8_t* from, const std::vector<Taps>& taps, uint8_t* to) {
  for (const Taps& tap : taps) {
    int32_t sums[Channels];
    std::fill_n(sums, Channels, kHalf);
    const uint8_t* input = from + tap.first * Channels;
    for (const int32_t weight : tap.weights) {
      for (int c = 0; c < Channels; ++c) sums[c] += weight * input[c];
      input += Channels;
    }
    for (int c = 0; c < Channels; ++c) *to++ = rounded(sums[c]);
  }
}

Pixels resize_width(const Pixels& image, int64_t width_px, Filter filter) {
  const auto taps = make_taps(image.width, width_px, filter);
  Pixels result(image.height, width_px, image.channels);
  for (int64_t y = 0; y < image.height; ++y) {
    switch (image.channels) {
      case 1: resize_row<1>(image.row(y), taps, result.row(y)); break;
      case 3: resize_row<3>(image.row(y), taps, result.row(y)); break;
      default: resize_row<4>(image.row(y), taps, result.row(y)); break;
    }
  }
  return result;
}

Pixels resize_height(const Pixels& image, int64_t height_px, Filter filter) {
  const auto taps = make_taps(image.height, height_px, filter);
  Pixels result(height_px, image.width, image.channels);
  const int64_t numbers = image.width * image.channels;
  std::vector<int32_t> sums(static_cast<size_t>(numbers));
  for (int64_t y = 0; y < height_px; ++y) {
    const Taps& tap = taps[static_cast<size_t>(y)];
    std::fill(sums.begin(), sums.end(), kHalf);
    for (size_t k = 0; k < tap.weights.size(); ++k) {
      const int32_t weight = tap.weights[k];
      const uint8_t* input = image.row(tap.first + static_cast<int64_t>(k));
      for (int64_t i = 0; i < numbers; ++i) sums[static_cast<size_t>(i)] += weight * input[i];
    }
    uint8_t* to = result.row(y);
    for (int64_t i = 0; i < numbers; ++i) to[i] = rounded(sums[static_cast<size_t>(i)]);
  }
  return result;
}

/// Of each pixel the one of the image in which its centre lies.
Pixels of_nearest(const Pixels& image, int64_t height_px, int64_t width_px) {
  Pixels result(height_px, width_px, image.channels);
  for (int64_t y = 0; y < height_px; ++y) {
    const uint8_t* row = image.row((2 * y + 1) * image.height / (2 * height_px));
    for (int64_t x = 0; x < width_px; ++x) {
      const int64_t from = (2 * x + 1) * image.width / (2 * width_px);
      std::copy_n(row + from * image.channels, image.channels, result.row(y) + x * image.channels);
    }
  }
  return result;
}

/// Colour times alpha, rounded as Pillow's "RGBA" -> "RGBa", so that hidden colours do not bleed into visible
/// ones.
void premultiply(Pixels& image) {
  for (size_t i = 0; i < image.values.size(); i += 4) {
    for (size_t c = 0; c < 3; ++c) {
      const int product = image.values[i + c] * image.values[i + 3] + 128;
      image.values[i + c] = static_cast<uint8_t>(((product >> 8) + product) >> 8);
    }
  }
}

void unpremultiply(Pixels& image) {
  for (size_t i = 0; i < image.values.size(); i += 4) {
    const int alpha = image.values[i + 3];
    if (alpha == 0 || alpha == 255) continue;
    for (size_t c = 0; c < 3; ++c) {
      image.values[i + c] = static_cast<uint8_t>(std::min(255 * image.values[i + c] / alpha, 255));
    }
  }
}

Pixels framed(const Pixels& image, int64_t height, int64_t width) {
  Pixels result(height, width, image.channels);
  const int64_t top = (height - image.height) / 2, left = (width - image.width) / 2;
  for (int64_t y = 0; y < image.height; ++y) {
    std::copy_n(image.row(y), image.width * image.channels, result.row(top + y) + left * image.channels);
  }
  return result;
}

/// `side * to / from`, rounded, within [1, limit].
int64_t scaled(int64_t side, int64_t to, int64_t from, int64_t limit) {
  const double exact = static_cast<double>(side) * static_cast<double>(to) / static_cast<double>(from);
  return std::clamp<int64_t>(std::llround(exact), 1, limit);
}

}  // namespace

Fit parse_fit(const std::string& name) {
  if (name == "crop") return Fit::crop;
  if (name == "pad") return Fit::pad;
  if (name == "stretch") return Fit::stretch;
  if (name == "tiles") return Fit::tiles;
  fail("data.fit: received \"{}\", accepted: crop, pad, stretch, tiles{}", name,
       did_you_mean(name, {"crop", "pad", "stretch", "tiles"}));
}

Pixels resize(const Pixels& image, int64_t height_px, int64_t width_px, Filter filter) {
  if (image.height == height_px && image.width == width_px) return image;
  if (filter == Filter::nearest) return of_nearest(image, height_px, width_px);
  Pixels result = image;
  if (image.channels == 4) premultiply(result);
  // Pillow's choice, which decides what is rounded and clamped in between.
  const int64_t lost_height = image.height - height_px, lost_width = image.width - width_px;
  const bool height_first = lost_height > 0 && lost_height > 2 * lost_width;
  if (height_first) result = resize_height(result, height_px, filter);
  if (lost_width != 0) result = resize_width(result, width_px, filter);
  if (!height_first && lost_height != 0) result = resize_height(result, height_px, filter);
  if (image.channels == 4) unpremultiply(result);
  return result;
}

Pixels fit_image(Pixels image, const ImageShape& shape, Fit fit, Filter filter) {
  image = to_channels(std::move(image), shape.channels);
  if (image.height == shape.height && image.width == shape.width) return image;
  // Which side limits: compares height/shape.height with width/shape.width without dividing.
  const bool too_tall = image.height * shape.width > image.width * shape.height;
  if (fit == Fit::crop) {
    const int64_t height = too_tall ? scaled(image.width, shape.height, shape.width, image.height) : image.height;
    const int64_t width = too_tall ? image.width : scaled(image.height, shape.width, shape.height, image.width);
    if (height != image.height || width != image.width)
      image = cut(image, (image.height - height) / 2, (image.width - width) / 2, height, width);
  }
  if (fit == Fit::pad) {
    const int64_t height = too_tall ? shape.height : scaled(shape.width, image.height, image.width, shape.height);
    const int64_t width = too_tall ? scaled(shape.height, image.width, image.height, shape.width) : shape.width;
    return framed(resize(image, height, width, filter), shape.height, shape.width);
  }
  return resize(image, shape.height, shape.width, filter);
}

}  // namespace forger
