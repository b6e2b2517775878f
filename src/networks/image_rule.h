#pragma once

#include <cstdint>

namespace forger {

/// What a network that makes images from images asks of their sizes: all that a tiler needs to know of it.
struct ImageRule {
  /// Sides of what comes out over sides of what goes in.
  int64_t scale = 1;
  /// Sides of what goes in are multiples of this.
  int64_t multiple_px = 1;
  /// How far around a pixel, in pixels of what goes in, lies what it is made from.
  int64_t halo_px = 0;
};

}  // namespace forger
