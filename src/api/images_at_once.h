#pragma once

#include <algorithm>
#include <cstdint>

#include "core/shape.h"

namespace forger {

/// Images of a model's shape that its networks look at together outside of training: what a call takes does not grow
/// with their number, nor much with their size.
inline int64_t images_at_once(const ImageShape& shape) {
  constexpr int64_t kMost = 64, kPixels = kMost * 64 * 64;
  return std::clamp<int64_t>(kPixels / (shape.height * shape.width), 1, kMost);
}

}  // namespace forger
