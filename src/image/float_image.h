#pragma once

#include <cstdint>
#include <vector>

#include "image/pixels.h"

namespace forger {

/// An image of floats in memory, rows of interleaved channels, black 0 and white 1; between two steps of work values
/// may lie beyond. As with Pixels, work on it stays on the calling thread.
struct FloatImage {
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;
  std::vector<float> values;

  FloatImage() = default;
  FloatImage(int64_t height, int64_t width, int64_t channels)
      : height(height), width(width), channels(channels), values(static_cast<size_t>(height * width * channels)) {}

  float* row(int64_t y) { return values.data() + y * width * channels; }
  const float* row(int64_t y) const { return values.data() + y * width * channels; }
};

FloatImage to_float(const Pixels& image);
/// Rounded to 8 bits; what lies beyond is clipped.
Pixels to_pixels(const FloatImage& image);

/// The kernel of a resize: area, linear interpolation, or Keys' cubic with a = -0.5.
enum class Kernel { box, linear, cubic };

/// The image resized as MATLAB's `imresize` does it, which the literature of super-resolution measures with: kernels
/// grow with what is made smaller (antialiasing), borders are mirrored, nothing is rounded. Sizes are at least 1 px.
FloatImage resized(const FloatImage& image, int64_t height_px, int64_t width_px, Kernel kernel = Kernel::cubic);

/// The image correlated with a square kernel, an odd number of weights a side, row by row; borders are mirrored.
FloatImage filtered(const FloatImage& image, const std::vector<float>& kernel);

}  // namespace forger
