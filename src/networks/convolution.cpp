#include "networks/convolution.h"

#include "core/torch.h"
#include "networks/learned_convolution.h"
#include "onnx/operations.h"

namespace forger {
namespace {

// Row k of these 4x3 matrices says which of the three taps of a kernel fall on tap k of the wider kernel; the
// 16x9 Kronecker square does so for both sides.
at::Tensor both_sides(const std::vector<float>& taps, const at::Tensor& like) {
  const auto matrix = at::tensor(taps).view({4, 3});
  return at::kron(matrix, matrix).to(like.device());
}

// Kernels [outputs, 3, 3, inputs] in memory -> [outputs, 4, 4, inputs], as [outputs, inputs, 4, 4] in
// channels-last.
at::Tensor widened(const at::Tensor& weight, const at::Tensor& taps) {
  const int64_t outputs = weight.size(0);
  const int64_t inputs = weight.size(1);
  const auto rows = weight.permute({0, 2, 3, 1}).reshape({outputs, 9, inputs});
  return at::matmul(taps, rows).view({outputs, 4, 4, inputs}).permute({0, 3, 1, 2});
}

// Transposed convolutions compute the gradient of a bias of their own at half the cost of all their other
// gradients.
at::Tensor with_bias(at::Tensor output, const at::Tensor& bias) {
  return bias.defined() ? output.add_(bias.to(output.scalar_type()).view({1, -1, 1, 1})) : output;
}

// Images of one channel lie in memory the same way in both layouts. By their strides PyTorch takes them for
// channels-first, then its convolution returns that, and each step back meets two layouts: 30 times slower. These
// strides say channels-last.
at::Tensor channels_last(const at::Tensor& input) {
  return input.size(1) == 1 && input.stride(1) != 1 ? input.squeeze(1).unsqueeze(-1).permute({0, 3, 1, 2}) : input;
}

// Large kernels with so few outputs starve the convolution kernels of work; so many places at once do not.
constexpr int64_t kFewOutputs = 4, kLargeKernel = 5, kPlacesAtOnce = 4;

// Each place of a row of four has a kernel of its own, the same one shifted; channels-last, their results lie in memory
// as those of single places do.
at::Tensor convolved_by_fours(const at::Tensor& input, const at::Tensor& kernel, const at::Tensor& bias,
                              int64_t padding) {
  std::vector<at::Tensor> shifted;
  for (int64_t i = 0; i < kPlacesAtOnce; ++i) {
    shifted.push_back(at::constant_pad_nd(kernel, {i, kPlacesAtOnce - 1 - i}));
  }
  const auto all = at::cat(shifted).contiguous(at::MemoryFormat::ChannelsLast);
  const auto biases = bias.defined() ? bias.repeat({kPlacesAtOnce}) : bias;
  const auto fours = at::conv2d(input, all, biases, {1, kPlacesAtOnce}, {padding, padding}).permute({0, 2, 3, 1});
  return fours.reshape({fours.size(0), fours.size(1), -1, kernel.size(0)}).permute({0, 3, 1, 2});
}

}  // namespace

at::Tensor doubled_nearest(const at::Tensor& input) {
  return at::upsample_nearest2d(input, {2 * input.size(2), 2 * input.size(3)});
}

at::Tensor doubled_bilinear(const at::Tensor& input) {
  return at::upsample_bilinear2d(input, {2 * input.size(2), 2 * input.size(3)}, /*align_corners=*/false);
}

Convolution::Convolution(const ConvolutionOptions& options, const at::Generator& random) : options_(options) {
  const int64_t area = options.kernel * options.kernel;
  const int64_t fan_in = options.inputs / options.groups * area;
  make_weight({options.outputs, options.inputs / options.groups, options.kernel, options.kernel}, fan_in,
              options.outputs / options.groups * area, options.initializer, options.spectral_norm, random);
  if (options.bias) make_bias({options.outputs}, fan_in, options.initializer, random);
}

at::Tensor Convolution::forward(const at::Tensor& input) {
  const int64_t width = input.size(3) + 2 * options_.padding - options_.kernel + 1;
  if (input.is_cpu() && options_.outputs <= kFewOutputs && options_.kernel >= kLargeKernel && options_.stride == 1 &&
      options_.groups == 1 && width % kPlacesAtOnce == 0) {
    return convolved_by_fours(channels_last(input), weight(), bias_, options_.padding);
  }
  if (!bias_.defined() && options_.groups == 1) {
    return learned_convolution(channels_last(input), weight(), options_.stride, options_.padding, false);
  }
  return at::conv2d(channels_last(input), weight(), bias_, {options_.stride, options_.stride},
                    {options_.padding, options_.padding}, {1, 1}, options_.groups);
}

OnnxValue Convolution::nodes(OnnxGraph& graph, const OnnxValue& input) {
  return onnx::convolution(graph, "Conv", input, weight(), bias_, options_.stride, options_.padding, options_.groups);
}

at::Tensor PoolingConvolution::kernel() {
  return widened(weight(), both_sides({.5F, 0, 0, .5F, .5F, 0, 0, .5F, .5F, 0, 0, .5F}, weight_));
}

at::Tensor PoolingConvolution::forward(const at::Tensor& input) {
  return at::conv2d(channels_last(input), kernel(), bias_, {2, 2}, {1, 1});
}

OnnxValue PoolingConvolution::nodes(OnnxGraph& graph, const OnnxValue& input) {
  return onnx::convolution(graph, "Conv", input, kernel(), bias_, 2, 1);
}

at::Tensor ImageConvolution::forward(const at::Tensor& input) {
  if (options_.outputs > 1) return Convolution::forward(input);
  const int64_t height = input.size(2);
  const int64_t width = input.size(3);
  // What each pixel adds to its neighbours: nine numbers a pixel, summed in float32.
  const auto taps = weight().permute({1, 2, 3, 0}).flip({1, 2}).reshape({options_.inputs, 9});
  const auto shares = at::matmul(input.permute({0, 2, 3, 1}), taps).to(at::kFloat).flatten(1, 2).transpose(1, 2);
  return with_bias(at::col2im(shares, {height, width}, {3, 3}, {1, 1}, {1, 1}, {1, 1}), bias_);
}

DoublingConvolution::DoublingConvolution(const std::string& upsampling, const ConvolutionOptions& options,
                                         const at::Generator& random)
    : kind_(upsampling == "transposed" ? Kind::transposed
            : upsampling == "nearest"  ? Kind::nearest
                                       : Kind::bilinear) {
  if (kind_ == Kind::transposed) {
    // With stride 2 each result meets a quarter of the 16 taps.
    make_weight({options.inputs, options.outputs, 4, 4}, options.inputs * 4, options.outputs * 16, options.initializer,
                false, random);
  } else {
    make_weight({options.outputs, options.inputs, 3, 3}, options.inputs * 9, options.outputs * 9, options.initializer,
                false, random);
  }
  const int64_t fan_in = options.inputs * (kind_ == Kind::transposed ? 4 : 9);
  if (options.bias) make_bias({options.outputs}, fan_in, options.initializer, random);
}

at::Tensor DoublingConvolution::kernel() const {
  if (kind_ == Kind::transposed) return weight_;
  return widened(weight_, both_sides({0, 0, 1, 0, 1, 1, 1, 1, 0, 1, 0, 0}, weight_)).transpose(0, 1);
}

at::Tensor DoublingConvolution::forward(const at::Tensor& input) {
  if (kind_ == Kind::bilinear) return at::conv2d(doubled_bilinear(input), weight_, bias_, {1, 1}, {1, 1});
  return with_bias(learned_convolution(input, kernel(), 2, 1, true), bias_);
}

OnnxValue DoublingConvolution::nodes(OnnxGraph& graph, const OnnxValue& input) {
  if (kind_ != Kind::bilinear) return onnx::convolution(graph, "ConvTranspose", input, kernel(), bias_, 2, 1);
  return onnx::convolution(graph, "Conv", onnx::upsample_bilinear(graph, input, 2), weight_, bias_, 1, 1);
}

LatentGrid::LatentGrid(int64_t inputs, int64_t channels, int64_t height, int64_t width, Bias bias,
                       const Initializer& initializer, const at::Generator& random) {
  make_weight({inputs, channels, height, width}, inputs, channels * height * width, initializer, false, random);
  if (bias == Bias::channel) make_bias({1, channels, 1, 1}, inputs, initializer, random);
  if (bias == Bias::full) make_bias({1, channels, height, width}, inputs, initializer, random);
}

at::Tensor LatentGrid::forward(const at::Tensor& latent) {
  const int64_t channels = weight_.size(1);
  const int64_t height = weight_.size(2);
  const int64_t width = weight_.size(3);
  // The product comes out channels-last at once, for the weight is.
  const auto numbers = at::matmul(latent, weight_.permute({0, 2, 3, 1}).flatten(1));
  const auto grid = numbers.view({-1, height, width, channels}).permute({0, 3, 1, 2});
  return bias_.defined() ? grid + bias_.to(grid.scalar_type()) : grid;
}

OnnxValue LatentGrid::nodes(OnnxGraph& graph, const OnnxValue& latent) {
  const auto numbers = onnx::matmul(graph, latent, graph.constant(weight_.flatten(1)));
  const auto grid = onnx::reshape(graph, numbers, {-1, weight_.size(1), weight_.size(2), weight_.size(3)});
  return bias_.defined() ? onnx::plus(graph, grid, graph.constant(bias_)) : grid;
}

Readout::Readout(int64_t channels, int64_t height, int64_t width, bool bias, const Initializer& initializer,
                 bool spectral_norm, const at::Generator& random) {
  const int64_t inputs = channels * height * width;
  make_weight({1, channels, height, width}, inputs, 1, initializer, spectral_norm, random);
  if (bias) make_bias({1}, inputs, initializer, random);
}

at::Tensor Readout::forward(const at::Tensor& input) {
  const auto rows = input.to(at::kFloat).permute({0, 2, 3, 1}).flatten(1);
  const auto column = weight().permute({0, 2, 3, 1}).flatten();
  const auto logits = at::mv(rows, column);
  return bias_.defined() ? logits + bias_ : logits;
}

OnnxValue Readout::nodes(OnnxGraph& graph, const OnnxValue& input) {
  const auto rows = graph.node("Flatten", {input}, {{"axis", int64_t{1}}});
  return onnx::squeeze(graph, onnx::linear(graph, rows, weight().flatten(1), bias_), {1});
}

}  // namespace forger
