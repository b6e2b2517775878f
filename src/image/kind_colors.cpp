#include "image/kind_colors.h"

#include "core/torch.h"
#include "image/grid.h"

namespace forger {
namespace {

/// Bits 0, 3, 6 of a kind's number are the highest of red, 1, 4, 7 those of green, and 2, 5 those of blue.
at::Tensor colors_of_kinds() {
  auto colors = at::zeros({256, 3}, at::kByte);
  auto* values = colors.mutable_data_ptr<uint8_t>();
  for (int kind = 0; kind < 256; ++kind) {
    for (int bit = 0; bit < 8; ++bit) {
      const int level = (kind >> bit & 1) << (7 - bit / 3);
      values[3 * kind + bit % 3] = static_cast<uint8_t>(values[3 * kind + bit % 3] | level);
    }
  }
  return colors;
}

}  // namespace

at::Tensor in_kind_colors(const at::Tensor& maps) {
  static const at::Tensor colors = colors_of_kinds();
  const auto kinds = to_bytes(maps).to(at::kLong);
  return to_floats(colors.index_select(0, kinds.flatten())
                       .view({maps.size(0), maps.size(2), maps.size(3), 3})
                       .permute({0, 3, 1, 2})
                       .contiguous());
}

}  // namespace forger
