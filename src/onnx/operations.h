#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "onnx/graph.h"

namespace forger {

/// What several layers and blocks compute, as nodes of ONNX. Images are `[N, C, H, W]`, and no length of N, H or W is
/// needed to build them. Names are those of LibTorch's functions where there is one.
namespace onnx {

inline constexpr int64_t kToTheEnd = std::numeric_limits<int64_t>::max();

OnnxValue plus(OnnxGraph& graph, const OnnxValue& left, const OnnxValue& right);
OnnxValue minus(OnnxGraph& graph, const OnnxValue& left, const OnnxValue& right);
OnnxValue times(OnnxGraph& graph, const OnnxValue& left, const OnnxValue& right);
OnnxValue times(OnnxGraph& graph, const OnnxValue& left, double right);
OnnxValue matmul(OnnxGraph& graph, const OnnxValue& left, const OnnxValue& right);

OnnxValue relu(OnnxGraph& graph, const OnnxValue& input);
OnnxValue leaky_relu(OnnxGraph& graph, const OnnxValue& input, double slope);
OnnxValue sigmoid(OnnxGraph& graph, const OnnxValue& input);
OnnxValue tanh(OnnxGraph& graph, const OnnxValue& input);
OnnxValue silu(OnnxGraph& graph, const OnnxValue& input);
OnnxValue mish(OnnxGraph& graph, const OnnxValue& input);
/// By the error function.
OnnxValue gelu(OnnxGraph& graph, const OnnxValue& input);
OnnxValue softmax(OnnxGraph& graph, const OnnxValue& input, int64_t axis);

OnnxValue cat(OnnxGraph& graph, const std::vector<OnnxValue>& inputs, int64_t axis);
OnnxValue permute(OnnxGraph& graph, const OnnxValue& input, const std::vector<int64_t>& axes);
/// Sizes as ONNX has them: 0 keeps the side at its place, -1 takes what is left.
OnnxValue reshape(OnnxGraph& graph, const OnnxValue& input, const std::vector<int64_t>& sizes);
OnnxValue slice(OnnxGraph& graph, const OnnxValue& input, int64_t axis, int64_t begin, int64_t end = kToTheEnd);
OnnxValue unsqueeze(OnnxGraph& graph, const OnnxValue& input, const std::vector<int64_t>& axes);
OnnxValue squeeze(OnnxGraph& graph, const OnnxValue& input, const std::vector<int64_t>& axes);
/// Rows of `input` along an axis, by their numbers.
OnnxValue index_select(OnnxGraph& graph, const OnnxValue& input, int64_t axis, const OnnxValue& numbers);
OnnxValue cast(OnnxGraph& graph, const OnnxValue& input, OnnxType type);
/// "ReduceMean", "ReduceSum", "ReduceMax" or "ReduceL2".
OnnxValue reduce(OnnxGraph& graph, const char* operation, const OnnxValue& input, const std::vector<int64_t>& axes,
                 bool keeps_axes);

/// The length of a side, int64 `[1]`.
OnnxValue side(OnnxGraph& graph, const OnnxValue& input, int64_t axis);
/// 0, 1, … below `length` int64 `[1]`: int64 `[length]`.
OnnxValue counted_to(OnnxGraph& graph, const OnnxValue& length);
/// `before` and `behind` of each axis: "reflect", "edge", or "constant" with `value`, 0 where there is none.
OnnxValue pad(OnnxGraph& graph, const OnnxValue& input, const char* mode, const std::vector<int64_t>& before,
              const std::vector<int64_t>& behind, const OnnxValue& value = {});

/// `[N, C, h, w]` -> `[N, C, rows, columns]`: each row of the matrices `[rows, h]` and `[columns, w]` says what pixels
/// give to one of what comes out.
OnnxValue filtered(OnnxGraph& graph, const OnnxValue& images, const at::Tensor& down, const at::Tensor& across);

/// A convolution, or with "ConvTranspose" a transposed one, of equal sides. `bias` may be undefined.
OnnxValue convolution(OnnxGraph& graph, const char* operation, const OnnxValue& input, const at::Tensor& weight,
                      const at::Tensor& bias, int64_t stride, int64_t padding, int64_t groups = 1);
/// `input` is `[N, inputs]`, `weight` `[outputs, inputs]`; `bias` may be undefined.
OnnxValue linear(OnnxGraph& graph, const OnnxValue& input, const at::Tensor& weight, const at::Tensor& bias);
/// Each image's channels, or groups of them, by their own mean and variance. `weight` and `bias` are `[C]`.
OnnxValue group_norm(OnnxGraph& graph, const OnnxValue& input, int64_t groups, const at::Tensor& weight,
                     const at::Tensor& bias, double epsilon);
/// The channels of each place of `[N, C, H, W]`, by their mean and variance.
OnnxValue channel_norm(OnnxGraph& graph, const OnnxValue& input, const at::Tensor& weight, const at::Tensor& bias,
                       double epsilon);

OnnxValue upsample_nearest(OnnxGraph& graph, const OnnxValue& input, int64_t scale);
OnnxValue upsample_bilinear(OnnxGraph& graph, const OnnxValue& input, int64_t scale);
OnnxValue upsample_bicubic(OnnxGraph& graph, const OnnxValue& input, int64_t scale);
/// To these sides, by bilinear interpolation.
OnnxValue resize_bilinear(OnnxGraph& graph, const OnnxValue& input, int64_t height, int64_t width);
OnnxValue pixel_shuffle(OnnxGraph& graph, const OnnxValue& input, int64_t scale);
/// `channels`: of what goes in.
OnnxValue pixel_unshuffle(OnnxGraph& graph, const OnnxValue& input, int64_t scale, int64_t channels);

/// Zeros behind the rows and columns of `[N, H, W, C]`, up to the next multiple.
OnnxValue filled_with_zeros(OnnxGraph& graph, const OnnxValue& grid, int64_t multiple);
/// As `filled_up` does it: sides become multiples of `multiple`, at least `least`, by mirroring.
OnnxValue filled_up(OnnxGraph& graph, const OnnxValue& images, int64_t multiple, int64_t least = 1);
/// The first `scale` times as many rows and columns as `like` has.
OnnxValue cut_to(OnnxGraph& graph, const OnnxValue& images, const OnnxValue& like, int64_t scale);

}  // namespace onnx
}  // namespace forger
