#pragma once

#include <cstdint>
#include <vector>

#include "image/pixels.h"

namespace forger {

/// Where tiles of `tile` pixels begin along `length` pixels: half a tile apart, the last one flush with the end. Empty
/// when the tile is longer.
std::vector<int64_t> tile_starts(int64_t length, int64_t tile);

/// A part of an image that lies inside it.
Pixels cut(const Pixels& image, int64_t top, int64_t left, int64_t height, int64_t width);

}  // namespace forger
