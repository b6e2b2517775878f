#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "image/taps.h"

namespace forger {

/// Resizes an image that comes row by row and goes row by row: antialiased bicubic, in floats.
class RowResizer {
 public:
  /// `give` gets each row of the result, interleaved channels, as soon as it can be made.
  RowResizer(int64_t height, int64_t width, int64_t to_height, int64_t to_width, int64_t channels,
             std::function<void(const float* row)> give);
  /// The next row of the image.
  void put(const float* row);

 private:
  int64_t channels_;
  std::vector<FilterTaps> down_, across_;
  std::function<void(const float*)> give_;
  std::deque<std::vector<float>> rows_;  // of the result's width
  int64_t first_ = 0;                    // of them, in the image
  size_t next_ = 0;                      // row of the result
};

}  // namespace forger
