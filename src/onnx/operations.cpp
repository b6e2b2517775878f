#include "onnx/operations.h"

#include <algorithm>
#include <numbers>

#include "core/torch.h"

namespace forger::onnx {
namespace {

OnnxValue resized(OnnxGraph& graph, const OnnxValue& input, int64_t scale, const OnnxAttributes& attributes) {
  const auto factor = static_cast<float>(scale);
  const auto scales = graph.constant_as_it_is(at::tensor({1.F, 1.F, factor, factor}));
  return graph.node("Resize", {input, {}, scales}, attributes);
}

/// int64 `[1]`: `length` filled up.
OnnxValue filled_length(OnnxGraph& graph, const OnnxValue& length, int64_t multiple, int64_t least) {
  auto most = graph.node("Max", {length, graph.integers({least})});
  if (multiple == 1) return most;
  const auto factor = graph.integers({multiple});
  return times(graph, graph.node("Div", {plus(graph, most, graph.integers({multiple - 1})), factor}), factor);
}

/// A row of images mirrored behind its end without repeating that, again and again, is a wave that goes up and down.
OnnxValue filled_along(OnnxGraph& graph, const OnnxValue& images, int64_t axis, int64_t multiple, int64_t least) {
  const auto length = side(graph, images, axis);
  const auto places = counted_to(graph, filled_length(graph, length, multiple, least));
  const auto period = times(graph, minus(graph, length, graph.integers({1})), graph.integers({2}));
  const auto up = graph.node("Mod", {places, graph.node("Max", {period, graph.integers({1})})});
  const auto down = minus(graph, period, up);
  return index_select(graph, images, axis, graph.node("Min", {up, down}));
}

}  // namespace

OnnxValue plus(OnnxGraph& graph, const OnnxValue& left, const OnnxValue& right) {
  return graph.node("Add", {left, right});
}

OnnxValue minus(OnnxGraph& graph, const OnnxValue& left, const OnnxValue& right) {
  return graph.node("Sub", {left, right});
}

OnnxValue times(OnnxGraph& graph, const OnnxValue& left, const OnnxValue& right) {
  return graph.node("Mul", {left, right});
}

OnnxValue times(OnnxGraph& graph, const OnnxValue& left, double right) {
  return times(graph, left, graph.number(right));
}

OnnxValue matmul(OnnxGraph& graph, const OnnxValue& left, const OnnxValue& right) {
  return graph.node("MatMul", {left, right});
}

OnnxValue relu(OnnxGraph& graph, const OnnxValue& input) { return graph.node("Relu", {input}); }

OnnxValue leaky_relu(OnnxGraph& graph, const OnnxValue& input, double slope) {
  return graph.node("LeakyRelu", {input}, {{"alpha", slope}});
}

OnnxValue sigmoid(OnnxGraph& graph, const OnnxValue& input) { return graph.node("Sigmoid", {input}); }

OnnxValue tanh(OnnxGraph& graph, const OnnxValue& input) { return graph.node("Tanh", {input}); }

OnnxValue silu(OnnxGraph& graph, const OnnxValue& input) { return times(graph, input, sigmoid(graph, input)); }

OnnxValue mish(OnnxGraph& graph, const OnnxValue& input) {
  constexpr int64_t kSince = 18;
  if (graph.opset() >= kSince) return graph.node("Mish", {input});
  return times(graph, input, tanh(graph, graph.node("Softplus", {input})));
}

OnnxValue gelu(OnnxGraph& graph, const OnnxValue& input) {
  constexpr int64_t kSince = 20;
  if (graph.opset() >= kSince) return graph.node("Gelu", {input});
  const auto error = graph.node("Erf", {times(graph, input, 1 / std::numbers::sqrt2)});
  return times(graph, times(graph, input, 0.5), plus(graph, error, graph.number(1)));
}

OnnxValue softmax(OnnxGraph& graph, const OnnxValue& input, int64_t axis) {
  return graph.node("Softmax", {input}, {{"axis", axis}});
}

OnnxValue cat(OnnxGraph& graph, const std::vector<OnnxValue>& inputs, int64_t axis) {
  return graph.node("Concat", inputs, {{"axis", axis}});
}

OnnxValue permute(OnnxGraph& graph, const OnnxValue& input, const std::vector<int64_t>& axes) {
  return graph.node("Transpose", {input}, {{"perm", axes}});
}

OnnxValue reshape(OnnxGraph& graph, const OnnxValue& input, const std::vector<int64_t>& sizes) {
  return graph.node("Reshape", {input, graph.integers(sizes)});
}

OnnxValue slice(OnnxGraph& graph, const OnnxValue& input, int64_t axis, int64_t begin, int64_t end) {
  return graph.node("Slice", {input, graph.integers({begin}), graph.integers({end}), graph.integers({axis})});
}

OnnxValue unsqueeze(OnnxGraph& graph, const OnnxValue& input, const std::vector<int64_t>& axes) {
  return graph.node("Unsqueeze", {input, graph.integers(axes)});
}

OnnxValue squeeze(OnnxGraph& graph, const OnnxValue& input, const std::vector<int64_t>& axes) {
  return graph.node("Squeeze", {input, graph.integers(axes)});
}

OnnxValue index_select(OnnxGraph& graph, const OnnxValue& input, int64_t axis, const OnnxValue& numbers) {
  return graph.node("Gather", {input, numbers}, {{"axis", axis}});
}

OnnxValue cast(OnnxGraph& graph, const OnnxValue& input, OnnxType type) {
  return graph.node("Cast", {input}, {{"to", static_cast<int64_t>(type)}});
}

OnnxValue reduce(OnnxGraph& graph, const char* operation, const OnnxValue& input, const std::vector<int64_t>& axes,
                 bool keeps_axes) {
  // Axes became an input in two steps.
  constexpr int64_t kAxesAreInput = 18;
  const OnnxAttributes keep{{"keepdims", int64_t{keeps_axes}}};
  if (graph.opset() >= kAxesAreInput || std::string(operation) == "ReduceSum") {
    return graph.node(operation, {input, graph.integers(axes)}, keep);
  }
  return graph.node(operation, {input}, {keep[0], {"axes", axes}});
}

OnnxValue side(OnnxGraph& graph, const OnnxValue& input, int64_t axis) {
  return index_select(graph, graph.node("Shape", {input}), 0, graph.integers({axis}));
}

OnnxValue counted_to(OnnxGraph& graph, const OnnxValue& length) {
  const auto scalar = [&](int64_t value) { return squeeze(graph, graph.integers({value}), {0}); };
  return graph.node("Range", {scalar(0), squeeze(graph, length, {0}), scalar(1)});
}

OnnxValue pad(OnnxGraph& graph, const OnnxValue& input, const char* mode, const std::vector<int64_t>& before,
              const std::vector<int64_t>& behind, const OnnxValue& value) {
  auto all = before;
  all.insert(all.end(), behind.begin(), behind.end());
  std::vector<OnnxValue> inputs = {input, graph.integers(all)};
  if (value) inputs.push_back(value);
  return graph.node("Pad", inputs, {{"mode", std::string(mode)}});
}

OnnxValue filtered(OnnxGraph& graph, const OnnxValue& images, const at::Tensor& down, const at::Tensor& across) {
  const auto rows = matmul(graph, images, graph.constant(across.t().contiguous()));
  return matmul(graph, graph.constant(down), rows);
}

OnnxValue convolution(OnnxGraph& graph, const char* operation, const OnnxValue& input, const at::Tensor& weight,
                      const at::Tensor& bias, int64_t stride, int64_t padding, int64_t groups) {
  std::vector<OnnxValue> inputs = {input, graph.constant(weight)};
  if (bias.defined()) inputs.push_back(graph.constant(bias));
  return graph.node(operation, inputs,
                    {{"kernel_shape", std::vector<int64_t>{weight.size(2), weight.size(3)}},
                     {"strides", std::vector<int64_t>(2, stride)},
                     {"pads", std::vector<int64_t>(4, padding)},
                     {"group", groups}});
}

OnnxValue linear(OnnxGraph& graph, const OnnxValue& input, const at::Tensor& weight, const at::Tensor& bias) {
  std::vector<OnnxValue> inputs = {input, graph.constant(weight)};
  if (bias.defined()) inputs.push_back(graph.constant(bias));
  return graph.node("Gemm", inputs, {{"transB", int64_t{1}}});
}

OnnxValue group_norm(OnnxGraph& graph, const OnnxValue& input, int64_t groups, const at::Tensor& weight,
                     const at::Tensor& bias, double epsilon) {
  const OnnxAttributes attributes{{"epsilon", epsilon}};
  if (groups == weight.size(0)) {
    return graph.node("InstanceNormalization", {input, graph.constant(weight), graph.constant(bias)}, attributes);
  }
  const auto one = graph.constant(at::ones({groups})), zero = graph.constant(at::zeros({groups}));
  const auto grouped = reshape(graph, input, {0, groups, -1});
  const auto normal = graph.node(
      "Reshape", {graph.node("InstanceNormalization", {grouped, one, zero}, attributes), graph.node("Shape", {input})});
  const auto scaled = times(graph, normal, graph.constant(weight.view({-1, 1, 1})));
  return plus(graph, scaled, graph.constant(bias.view({-1, 1, 1})));
}

OnnxValue channel_norm(OnnxGraph& graph, const OnnxValue& input, const at::Tensor& weight, const at::Tensor& bias,
                       double epsilon) {
  const auto normal = graph.node("LayerNormalization",
                                 {permute(graph, input, {0, 2, 3, 1}), graph.constant(weight), graph.constant(bias)},
                                 {{"axis", int64_t{-1}}, {"epsilon", epsilon}});
  return permute(graph, normal, {0, 3, 1, 2});
}

OnnxValue upsample_nearest(OnnxGraph& graph, const OnnxValue& input, int64_t scale) {
  return resized(graph, input, scale,
                 {{"mode", std::string("nearest")},
                  {"coordinate_transformation_mode", std::string("asymmetric")},
                  {"nearest_mode", std::string("floor")}});
}

OnnxValue upsample_bilinear(OnnxGraph& graph, const OnnxValue& input, int64_t scale) {
  return resized(graph, input, scale,
                 {{"mode", std::string("linear")}, {"coordinate_transformation_mode", std::string("half_pixel")}});
}

OnnxValue upsample_bicubic(OnnxGraph& graph, const OnnxValue& input, int64_t scale) {
  return resized(graph, input, scale,
                 {{"mode", std::string("cubic")},
                  {"coordinate_transformation_mode", std::string("half_pixel")},
                  {"cubic_coeff_a", -0.75}});
}

OnnxValue resize_bilinear(OnnxGraph& graph, const OnnxValue& input, int64_t height, int64_t width) {
  const auto sizes = cat(graph, {side(graph, input, 0), side(graph, input, 1), graph.integers({height, width})}, 0);
  return graph.node("Resize", {input, {}, {}, sizes},
                    {{"mode", std::string("linear")}, {"coordinate_transformation_mode", std::string("half_pixel")}});
}

OnnxValue pixel_shuffle(OnnxGraph& graph, const OnnxValue& input, int64_t scale) {
  return graph.node("DepthToSpace", {input}, {{"blocksize", scale}, {"mode", std::string("CRD")}});
}

OnnxValue pixel_unshuffle(OnnxGraph& graph, const OnnxValue& input, int64_t scale, int64_t channels) {
  // ONNX puts the channels of each pixel together, LibTorch the pixels of each channel: of single channels it is the
  // same. (OpenVINO 2026.4 takes another order where the channels are put in order behind it.)
  const auto alone = reshape(graph, input, {-1, 1, 0, 0});
  const auto pixels = graph.node("SpaceToDepth", {alone}, {{"blocksize", scale}});
  return reshape(graph, pixels, {-1, channels * scale * scale, 0, 0});
}

OnnxValue filled_with_zeros(OnnxGraph& graph, const OnnxValue& grid, int64_t multiple) {
  std::vector<OnnxValue> pads = {graph.integers({0, 0, 0, 0, 0})};
  for (const int64_t axis : {1, 2}) {
    const auto length = side(graph, grid, axis);
    pads.push_back(minus(graph, filled_length(graph, length, multiple, 1), length));
  }
  pads.push_back(graph.integers({0}));
  return graph.node("Pad", {grid, cat(graph, pads, 0)}, {{"mode", std::string("constant")}});
}

OnnxValue filled_up(OnnxGraph& graph, const OnnxValue& images, int64_t multiple, int64_t least) {
  if (multiple == 1 && least == 1) return images;
  return filled_along(graph, filled_along(graph, images, 2, multiple, least), 3, multiple, least);
}

OnnxValue cut_to(OnnxGraph& graph, const OnnxValue& images, const OnnxValue& like, int64_t scale) {
  const auto ends =
      times(graph, cat(graph, {side(graph, like, 2), side(graph, like, 3)}, 0), graph.integers({scale, scale}));
  return graph.node("Slice", {images, graph.integers({0, 0}), ends, graph.integers({2, 3})});
}

}  // namespace forger::onnx
