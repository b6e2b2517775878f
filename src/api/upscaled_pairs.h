#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/task_measures.h"
#include "data/small_images.h"
#include "image/pixels.h"

namespace forger {

/// A picture, and the small image that an upscaler is to make it of.
struct Pair {
  Pixels truth, small;
};

/// Makes pairs of pictures: the small images are made by bicubic resizing, or given.
class Pairs {
 public:
  /// `low`: a data set of small images, or empty. Pictures have at least `least_px` a side.
  Pairs(const Questions& questions, const std::string& low, int64_t scale, int64_t least_px);

  /// Grey or RGB; both sides of the truth are cut to multiples of the scale. Adds to `clipped` when a given small image
  /// has 16-bit values beyond the levels, as Questions::decode does for the picture. Throws Error where the picture is
  /// too small, or the small image that belongs to it is missing or does not fit.
  Pair of(int64_t item, const Pixels& image, int64_t& clipped) const;
  /// Where the small images come from, for people.
  std::string describe() const;

 private:
  const Questions& questions_;
  std::string place_;
  int64_t scale_, least_px_;
  std::optional<SmallImages> low_;
};

}  // namespace forger
