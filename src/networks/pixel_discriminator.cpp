#include "networks/pixel_discriminator.h"

#include "core/torch.h"
#include "networks/convolution.h"
#include "networks/normalization.h"
#include "networks/sizes.h"
#include "onnx/operations.h"

namespace forger {
namespace {

/// Times as many channels as at full resolution, at most.
constexpr int64_t kMostWidening = 4;
/// Images are halved until the shorter side has at most this many pixels.
constexpr int64_t kCoarsestSide = 8;
const Initializer kInitializer{Initializer::Kind::fan_in_uniform, 1, /*uniform_bias=*/true};

}  // namespace

PixelDiscriminator::Block PixelDiscriminator::add_block(const std::string& name, int64_t inputs, int64_t outputs,
                                                        const at::Generator& random) {
  const auto convolution = [&](const char* part, int64_t from) {
    const ConvolutionOptions options{.inputs = from, .outputs = outputs, .bias = false, .initializer = kInitializer};
    return add<Convolution>(*this, name + part, options, random);
  };
  const auto norm = [&](const char* part) {
    return add<Normalization>(*this, name + part, NormalizationOptions{.channels = outputs}, random);
  };
  return {convolution("a", inputs), convolution("b", outputs), norm("a_norm"), norm("b_norm")};
}

at::Tensor PixelDiscriminator::Block::operator()(const at::Tensor& input) const {
  const auto half = leaky_relu_in_place((*first_norm)((*first)(input)));
  return leaky_relu_in_place((*second_norm)((*second)(half)));
}

OnnxValue PixelDiscriminator::Block::to_onnx(OnnxGraph& graph, const OnnxValue& input) const {
  const auto passed = [&](const OnnxValue& grid, Convolution& convolution, Normalization& norm) {
    return onnx::leaky_relu(graph, norm.to_onnx(graph, convolution.to_onnx(graph, grid)), kLeakySlope);
  };
  return passed(passed(input, *first, *first_norm), *second, *second_norm);
}

PixelDiscriminator::PixelDiscriminator(int64_t width, const ImageShape& shape, const at::Generator& random) {
  const auto channels_at = [&](int64_t level) { return level_channels(width, kMostWidening * width, level); };
  int64_t levels = 0, channels = shape.channels + 2;
  const auto add_down = [&] {
    down_.push_back(add_block(fmt::format("down{}", levels), channels, channels_at(levels), random));
    channels = channels_at(levels++);
  };
  add_down();
  for (int64_t side = std::min(shape.height, shape.width); side > kCoarsestSide; side = (side + 1) / 2) add_down();
  for (int64_t level = levels - 2; level >= 0; --level) {
    up_.push_back(add_block(fmt::format("up{}", level), channels + channels_at(level), channels_at(level), random));
    channels = channels_at(level);
  }
  const ConvolutionOptions logit{
      .inputs = channels, .outputs = 1, .kernel = 1, .padding = 0, .initializer = kInitializer};
  logit_ = add<Convolution>(*this, "logit", logit, random);
  const auto along = [](int64_t side) { return at::linspace(-1, 1, side, at::kFloat); };
  const auto rows = along(shape.height).view({1, 1, -1, 1}), columns = along(shape.width).view({1, 1, 1, -1});
  places_ =
      at::cat({rows.expand({1, 1, shape.height, shape.width}), columns.expand({1, 1, shape.height, shape.width})}, 1);
}

at::Tensor PixelDiscriminator::forward(const at::Tensor& images) {
  const auto places = places_.to(images.device()).expand({images.size(0), -1, -1, -1});
  auto grid = at::cat({images, places.to(images.dtype())}, 1).contiguous(at::MemoryFormat::ChannelsLast);
  std::vector<at::Tensor> levels;
  for (const auto& block : down_) {
    if (!levels.empty()) grid = at::avg_pool2d(grid, 2, 2, 0, /*ceil_mode=*/true, /*count_include_pad=*/false);
    levels.push_back(grid = block(grid));
  }
  for (size_t i = 0; i < up_.size(); ++i) {
    const auto& beside = levels[levels.size() - 2 - i];
    grid = up_[i](at::cat({at::upsample_nearest2d(grid, {beside.size(2), beside.size(3)}), beside}, 1));
  }
  return (*logit_)(grid).to(at::kFloat);
}

OnnxValue PixelDiscriminator::to_onnx(OnnxGraph& graph, const OnnxValue& images) const {
  struct Level {
    OnnxValue grid;
    int64_t height, width;
  };
  const auto count = onnx::cat(graph, {onnx::side(graph, images, 0), graph.integers({1, 1, 1})}, 0);
  const auto places = graph.node("Expand", {graph.constant(places_), count});
  auto grid = onnx::cat(graph, {images, places}, 1);
  int64_t height = places_.size(2), width = places_.size(3);
  std::vector<Level> levels;
  for (const auto& block : down_) {
    if (!levels.empty()) {
      grid = graph.node("AveragePool", {grid},
                        {{"kernel_shape", std::vector<int64_t>{2, 2}},
                         {"strides", std::vector<int64_t>{2, 2}},
                         {"pads", std::vector<int64_t>{0, 0, height % 2, width % 2}},
                         {"count_include_pad", int64_t{0}}});
      height = (height + 1) / 2;
      width = (width + 1) / 2;
    }
    grid = block.to_onnx(graph, grid);
    levels.push_back({grid, height, width});
  }
  for (size_t i = 0; i < up_.size(); ++i) {
    const auto& beside = levels[levels.size() - 2 - i];
    const auto doubled = onnx::upsample_nearest(graph, grid, 2);
    const auto cut = onnx::slice(graph, onnx::slice(graph, doubled, 2, 0, beside.height), 3, 0, beside.width);
    grid = up_[i].to_onnx(graph, onnx::cat(graph, {cut, beside.grid}, 1));
  }
  return logit_->to_onnx(graph, grid);
}

}  // namespace forger
