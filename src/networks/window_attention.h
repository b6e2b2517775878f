#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "onnx/graph.h"

namespace forger {

/// Windows that divide a grid whose sides are multiples of theirs.
struct WindowGrid {
  int64_t height = 1, width = 1;
  /// How far they are moved down and to the right; what lies outside the grid is cut off.
  int64_t down = 0, right = 0;
};

/// For each pair of places in a window of these sides: the row of a table that has one for each difference of places,
/// `[(2 * height - 1) * (2 * width - 1), …]`. int64 `[(height * width)^2]`.
at::Tensor rows_of_differences(int64_t height, int64_t width);

/// The places of each window look at each other (Liu et al. 2021, "Swin Transformer", arXiv 2103.14030). `qkv` `[N, H,
/// W, 3, C]` are queries, keys and values, each for one head after the other; `bias` `[heads, n, n]` is
/// added to what the n places of a window think of each other -> `[N, H, W, C]`. Windows are moved as if the grid were
/// rolled, and as if places from its opposite sides did not see each other.
at::Tensor attend_in_windows(const at::Tensor& qkv, const WindowGrid& windows, const at::Tensor& bias);
/// The same in an ONNX graph, of `[N, H, W, 3 * channels]`.
OnnxValue attend_in_windows(OnnxGraph& graph, const OnnxValue& qkv, const WindowGrid& windows, const at::Tensor& bias,
                            int64_t channels);

}  // namespace forger
