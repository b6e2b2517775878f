#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/source.h"

namespace forger {

/// A data set made on the fly, whose modes are known: item i is a pure function of (seed, i) and belongs to mode
/// i modulo the number of modes, which is its class.
struct SyntheticOptions {
  /// "ring8": points of 8 Gaussians (sigma 0.01) on the unit circle. "grid25": points of 25 Gaussians (sigma 0.05) on a
  /// 5 x 5 lattice of spacing 2. "shapes": images, 4 shapes in 4 colours = 16 modes, of varying place and size.
  std::string name;
  int64_t count = 50'000;
  /// Of shapes, in pixels and channels (1, 3 or 4); points have none.
  int64_t height_px = 32;
  int64_t width_px = 32;
  int64_t channels = 3;
  uint64_t seed = 0;
};

/// Throws Error on an unknown name (the nearest known one is suggested) or an impossible number.
std::shared_ptr<const Source> open_synthetic(const SyntheticOptions& options);

/// Whether the set of that name consists of points.
bool is_point_set(const std::string& name);

}  // namespace forger
