#include "networks/row_range.h"

#include <algorithm>

#include "core/torch.h"

namespace forger {
namespace {

/// The multiple at or below a number, which may be negative.
int64_t rounded_down(int64_t number, int64_t multiple) { return number - ((number % multiple) + multiple) % multiple; }

int64_t filled_side(int64_t side, int64_t multiple, int64_t least) {
  return -rounded_down(-std::max(side, least), multiple);
}

}  // namespace

RowRange RowRange::before_enlarging(int64_t scale) const {
  return {rounded_down(first, scale) / scale, rounded_down(last, scale) / scale};
}

RowRange RowRange::of_windows(int64_t side, int64_t shift) const {
  return {rounded_down(first - shift, side) + shift, rounded_down(last - shift, side) + shift + side - 1};
}

at::Tensor filled_up(const at::Tensor& images, int64_t multiple, int64_t least) {
  const int64_t height = filled_side(images.size(2), multiple, least);
  const int64_t width = filled_side(images.size(3), multiple, least);
  auto filled = images;
  while (filled.size(2) < height || filled.size(3) < width) {
    const int64_t bottom = height - filled.size(2), right = width - filled.size(3);
    const int64_t mirrored_bottom = std::min(bottom, filled.size(2) - 1);
    const int64_t mirrored_right = std::min(right, filled.size(3) - 1);
    filled = mirrored_bottom + mirrored_right > 0
                 ? at::reflection_pad2d(filled, {0, mirrored_right, 0, mirrored_bottom})
                 : at::replication_pad2d(filled, {0, right, 0, bottom});
  }
  return filled;
}

}  // namespace forger
