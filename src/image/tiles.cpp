#include "image/tiles.h"

#include <algorithm>

namespace forger {

std::vector<int64_t> tile_starts(int64_t length, int64_t tile) {
  std::vector<int64_t> starts;
  const int64_t stride = std::max<int64_t>(tile / 2, 1);
  for (int64_t start = 0; start + tile < length; start += stride) starts.push_back(start);
  if (tile <= length) starts.push_back(length - tile);
  return starts;
}

Pixels cut(const Pixels& image, int64_t top, int64_t left, int64_t height, int64_t width) {
  Pixels part(height, width, image.channels);
  for (int64_t row = 0; row < height; ++row) {
    std::copy_n(image.row(top + row) + left * image.channels, width * image.channels, part.row(row));
  }
  return part;
}

}  // namespace forger
