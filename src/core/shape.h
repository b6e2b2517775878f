#pragma once

#include <cstdint>

namespace forger {

/// The shape of one image tensor [channels, height, width]. A 2-D point is an "image" of 2 channels and one pixel.
struct ImageShape {
  int64_t channels = 0;
  int64_t height = 0;
  int64_t width = 0;

  int64_t numbers() const { return channels * height * width; }
  bool is_point() const { return height == 1 && width == 1; }
  bool operator==(const ImageShape&) const = default;
};

}  // namespace forger
