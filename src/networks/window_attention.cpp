#include "networks/window_attention.h"

#include <cmath>
#include <vector>

#include "core/torch.h"
#include "onnx/operations.h"

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

/// What is added to what a place thinks of one that it does not see.
constexpr double kUnseen = -10000;

/// `[N, H, W, C]` -> `[windows, height, width, C]`.
OnnxValue cut_into_windows(OnnxGraph& graph, const OnnxValue& grid, const WindowGrid& windows, int64_t channels) {
  const auto bands = onnx::reshape(graph, grid, {-1, windows.height, 0, channels});
  const auto across = onnx::permute(graph, bands, {0, 2, 1, 3});
  const auto cut = onnx::reshape(graph, across, {-1, windows.width, windows.height, channels});
  return onnx::permute(graph, cut, {0, 2, 1, 3});
}

/// The inverse, for a grid with the sides of `like`.
OnnxValue put_together(OnnxGraph& graph, const OnnxValue& cut, const OnnxValue& like, const WindowGrid& windows,
                       int64_t channels) {
  const auto rest = graph.integers({-1}), rows = onnx::side(graph, like, 1), columns = onnx::side(graph, like, 2);
  const auto reshaped = [&](const OnnxValue& input, const std::vector<OnnxValue>& sizes) {
    return graph.node("Reshape", {input, onnx::cat(graph, sizes, 0)});
  };
  const auto across =
      reshaped(onnx::permute(graph, cut, {0, 2, 1, 3}), {rest, columns, graph.integers({windows.height, channels})});
  return reshaped(onnx::permute(graph, across, {0, 2, 1, 3}), {rest, rows, columns, graph.integers({channels})});
}

}  // namespace

OnnxValue attend_in_windows(OnnxGraph& graph, const OnnxValue& qkv, const WindowGrid& windows, const at::Tensor& bias,
                            int64_t channels) {
  const int64_t heads = bias.size(0), places = windows.height * windows.width, length = channels / heads;
  // Where windows are moved, the grid grows until they are whole at its edges, by places that nobody sees.
  const bool moved = windows.down > 0 || windows.right > 0;
  const std::vector<int64_t> before = {0, (windows.height - windows.down) % windows.height,
                                       (windows.width - windows.right) % windows.width, 0};
  const std::vector<int64_t> behind = {0, windows.down, windows.right, 0};
  const auto grid = moved ? onnx::pad(graph, qkv, "constant", before, behind) : qkv;
  const auto tokens = onnx::permute(
      graph, onnx::reshape(graph, cut_into_windows(graph, grid, windows, 3 * channels), {0, places, 3, heads, length}),
      {2, 0, 3, 1, 4});
  const auto part = [&](int64_t number) {
    return onnx::squeeze(graph, onnx::slice(graph, tokens, 0, number, number + 1), {0});
  };
  const auto queries = onnx::times(graph, part(0), 1 / std::sqrt(static_cast<double>(length)));
  auto alike = onnx::plus(graph, onnx::matmul(graph, queries, onnx::permute(graph, part(1), {0, 1, 3, 2})),
                          graph.constant(bias.contiguous()));
  if (moved) {
    const auto shape = graph.node("Shape", {onnx::slice(graph, qkv, 3, 0, 1)});
    const auto seen = graph.node("Expand", {graph.number(0), shape});
    const auto unseen = onnx::pad(graph, seen, "constant", before, behind, graph.number(kUnseen));
    const auto of_windows = onnx::reshape(graph, cut_into_windows(graph, unseen, windows, 1), {0, 1, 1, places});
    alike = onnx::plus(graph, alike, of_windows);
  }
  const auto seen = onnx::matmul(graph, onnx::softmax(graph, alike, -1), part(2));
  const auto made =
      onnx::reshape(graph, onnx::permute(graph, seen, {0, 2, 1, 3}), {0, windows.height, windows.width, channels});
  auto whole = put_together(graph, made, grid, windows, channels);
  if (!moved) return whole;
  const auto end = [](int64_t cut) { return cut > 0 ? -cut : onnx::kToTheEnd; };
  return onnx::slice(graph, onnx::slice(graph, whole, 1, before[1], end(behind[1])), 2, before[2], end(behind[2]));
}

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
