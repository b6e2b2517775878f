#include "networks/window_attention.h"

#include <vector>

#include "core/torch.h"

namespace forger {
namespace {

/// `count` windows, one behind the other, which `side` rows or columns are left of.
struct WindowRow {
  int64_t begin, count, side;
  int64_t length() const { return count * side; }
};

/// Whole windows and, where they are moved, the halves before and behind them.
std::vector<WindowRow> window_rows(int64_t length, int64_t side, int64_t shift) {
  if (shift == 0) return {{0, length / side, side}};
  return {{0, 1, shift}, {shift, length / side - 1, side}, {length - side + shift, 1, side - shift}};
}

/// The part of `[N, H, W, …]` that these windows are, as `[N, rows, columns, h, w, …]`.
at::Tensor part(const at::Tensor& grid, const WindowRow& down, const WindowRow& across) {
  return grid.narrow(1, down.begin, down.length())
      .narrow(2, across.begin, across.length())
      .unflatten(2, {across.count, across.side})
      .unflatten(1, {down.count, down.side})
      .transpose(2, 3);
}

}  // namespace

at::Tensor rows_of_differences(int64_t height, int64_t width) {
  const auto differences = [](int64_t side) {
    const auto along = at::arange(side, at::kLong);
    return along.view({-1, 1}) - along + (side - 1);
  };
  const auto down = differences(height).view({height, 1, height, 1});
  return (down * (2 * width - 1) + differences(width).view({1, width, 1, width})).flatten();
}

at::Tensor attend_in_windows(const at::Tensor& qkv, const WindowGrid& windows, const at::Tensor& bias) {
  const int64_t heads = bias.size(0), channels = qkv.size(4);
  const auto biases = bias.view({heads, windows.height, windows.width, windows.height, windows.width});
  const auto made = at::empty({qkv.size(0), qkv.size(1), qkv.size(2), channels}, qkv.options());
  for (const auto& down : window_rows(qkv.size(1), windows.height, windows.down)) {
    for (const auto& across : window_rows(qkv.size(2), windows.width, windows.right)) {
      if (down.count == 0 || across.count == 0) continue;
      const int64_t places = down.side * across.side;
      const auto tokens =
          part(qkv, down, across).reshape({-1, places, 3, heads, channels / heads}).permute({2, 0, 3, 1, 4});
      const auto here = biases.slice(1, 0, down.side)
                            .slice(2, 0, across.side)
                            .slice(3, 0, down.side)
                            .slice(4, 0, across.side)
                            .reshape({1, heads, places, places});
      const auto seen = at::scaled_dot_product_attention(tokens[0], tokens[1], tokens[2], here);
      auto place = part(made, down, across);
      place.copy_(seen.transpose(1, 2).reshape(place.sizes()));
    }
  }
  return made;
}

}  // namespace forger
