#include "networks/r3.h"

#include <cmath>
#include <numeric>

#include "core/fail.h"
#include "core/torch.h"
#include "networks/sizes.h"
#include "onnx/operations.h"

namespace forger {
namespace {

constexpr int64_t kBlocksPerStage = 2;
constexpr int64_t kExpansion = 2;
constexpr int64_t kChannelsPerGroup = 16;
const Initializer kR3Initializer{Initializer::Kind::fan_in_normal, 1};

ConvolutionOptions pointwise(int64_t inputs, int64_t outputs, bool bias, const Initializer& initializer) {
  return {.inputs = inputs, .outputs = outputs, .kernel = 1, .padding = 0, .bias = bias, .initializer = initializer};
}

void expect_no_normalization(const std::string& player, const std::string& normalization) {
  if (normalization == "none") return;
  fail("{}.normalization: received \"{}\", accepted by the network \"r3\": none", player, normalization);
}

// The depthwise [1, 3, 3, 1] filter, one for each channel, with stride 2.
at::Tensor halved(const at::Tensor& input) {
  const int64_t channels = input.size(1);
  const auto side = at::tensor({.125F, .375F, .375F, .125F});
  const auto filter = at::outer(side, side).to(input.options()).expand({channels, 1, 4, 4}).contiguous();
  return at::conv2d(input, filter, {}, {2, 2}, {1, 1}, {1, 1}, channels);
}

}  // namespace

BottleneckBlock::BottleneckBlock(int64_t channels, int64_t blocks, const at::Generator& random) {
  const int64_t inside = kExpansion * channels;
  const int64_t groups = std::gcd(inside, std::max<int64_t>(inside / kChannelsPerGroup, 1));
  const double gain = std::sqrt(2 / (1 + kLeakySlope * kLeakySlope)) * std::pow(static_cast<double>(blocks), -0.25);
  const Initializer scaled{Initializer::Kind::fan_in_normal, gain};
  expand_ = add<Convolution>(*this, "expand", pointwise(channels, inside, true, scaled), random);
  grouped_ = add<Convolution>(
      *this, "grouped",
      ConvolutionOptions{.inputs = inside, .outputs = inside, .groups = groups, .initializer = scaled}, random);
  contract_ = add<Convolution>(*this, "contract",
                               pointwise(inside, channels, false, {Initializer::Kind::fan_in_normal, 0}), random);
}

at::Tensor BottleneckBlock::forward(const at::Tensor& input) {
  const auto hidden = leaky_relu_in_place((*grouped_)(leaky_relu_in_place((*expand_)(input))));
  return input + (*contract_)(hidden);
}

OnnxValue BottleneckBlock::to_onnx(OnnxGraph& graph, const OnnxValue& input) const {
  const auto wide = onnx::leaky_relu(graph, expand_->to_onnx(graph, input), kLeakySlope);
  const auto hidden = onnx::leaky_relu(graph, grouped_->to_onnx(graph, wide), kLeakySlope);
  return onnx::plus(graph, input, contract_->to_onnx(graph, hidden));
}

R3Generator::R3Generator(const GeneratorOptions& options, const ImageShape& shape, int64_t classes,
                         const at::Generator& random)
    : upsampling_(options.upsampling == "transposed" ? Upsampling::transposed
                  : options.upsampling == "nearest"  ? Upsampling::nearest
                                                     : Upsampling::bilinear) {
  expect_no_normalization("generator", options.normalization);
  const auto grid = start_grid("generator", "r3", options.depth, shape);
  const int64_t blocks = kBlocksPerStage * (grid.doublings + 1);
  int64_t channels = level_channels(options.width, options.max_width, grid.doublings);
  class_latent_ = add<ClassLatent>(*this, "class_latent", classes, options.latent_size,
                                   1 / std::sqrt(static_cast<double>(std::max<int64_t>(classes, 1))), random);
  basis_ = register_parameter("basis", at::empty({1, channels, grid.height, grid.width})
                                           .normal_(0, 1, random)
                                           .contiguous(at::MemoryFormat::ChannelsLast));
  const LinearOptions coefficients{
      .inputs = class_latent_->outputs(), .outputs = channels, .bias = false, .initializer = kR3Initializer};
  coefficients_ = add<Linear>(*this, "coefficients", coefficients, random);
  for (int64_t stage = 0; stage <= grid.doublings; ++stage) {
    if (stage > 0) {
      const int64_t outputs = level_channels(options.width, options.max_width, grid.doublings - stage);
      const auto convolution = pointwise(channels, outputs, false, kR3Initializer);
      const auto name = fmt::format("up{}", stage);
      if (upsampling_ == Upsampling::transposed) {
        transitions_.push_back(add<DoublingConvolution>(*this, name, "transposed", convolution, random));
      } else {
        transitions_.push_back(add<Convolution>(*this, name, convolution, random));
      }
      channels = outputs;
    }
    for (int64_t block = 1; block <= kBlocksPerStage; ++block) {
      blocks_.push_back(
          add<BottleneckBlock>(*this, fmt::format("stage{}_block{}", stage + 1, block), channels, blocks, random));
    }
  }
  image_ = add<Convolution>(*this, "image", pointwise(channels, shape.channels, false, kR3Initializer), random);
}

at::Tensor R3Generator::forward(const at::Tensor& latent, const at::Tensor& labels) {
  const auto scales = (*coefficients_)(class_latent_->forward(latent, labels));
  auto grid = basis_.to(scales.scalar_type()) * scales.unsqueeze(2).unsqueeze(3);
  for (size_t i = 0; i < blocks_.size(); ++i) {
    if (i > 0 && i % kBlocksPerStage == 0) {
      grid = (*transitions_[i / kBlocksPerStage - 1])(grid);
      if (upsampling_ == Upsampling::nearest) grid = doubled_nearest(grid);
      if (upsampling_ == Upsampling::bilinear) grid = doubled_bilinear(grid);
    }
    grid = blocks_[i]->forward(grid);
  }
  return at::tanh((*image_)(grid).to(at::kFloat));
}

OnnxValue R3Generator::to_onnx(OnnxGraph& graph, const OnnxValue& latent, const OnnxValue& labels) {
  const auto scales = coefficients_->to_onnx(graph, class_latent_->to_onnx(graph, latent, labels));
  auto grid = onnx::times(graph, graph.constant(basis_), onnx::unsqueeze(graph, scales, {2, 3}));
  for (size_t i = 0; i < blocks_.size(); ++i) {
    if (i > 0 && i % kBlocksPerStage == 0) {
      grid = transitions_[i / kBlocksPerStage - 1]->to_onnx(graph, grid);
      if (upsampling_ == Upsampling::nearest) grid = onnx::upsample_nearest(graph, grid, 2);
      if (upsampling_ == Upsampling::bilinear) grid = onnx::upsample_bilinear(graph, grid, 2);
    }
    grid = blocks_[i]->to_onnx(graph, grid);
  }
  return onnx::tanh(graph, image_->to_onnx(graph, grid));
}

R3Discriminator::R3Discriminator(const DiscriminatorOptions& options, const ImageShape& shape, int64_t classes,
                                 const at::Generator& random) {
  expect_no_normalization("discriminator", options.normalization);
  if (options.spectral_norm) {
    fail("discriminator.spectral_norm: received true, accepted by the network \"r3\": false");
  }
  const auto grid = start_grid("discriminator", "r3", options.depth, shape);
  const int64_t blocks = kBlocksPerStage * (grid.doublings + 1);
  int64_t channels = level_channels(options.width, options.max_width, 0);
  extract_ = add<Convolution>(*this, "extract", pointwise(shape.channels, channels, false, kR3Initializer), random);
  for (int64_t stage = 0; stage <= grid.doublings; ++stage) {
    if (stage > 0) {
      const int64_t outputs = level_channels(options.width, options.max_width, stage);
      transitions_.push_back(add<Convolution>(*this, fmt::format("down{}", stage),
                                              pointwise(channels, outputs, false, kR3Initializer), random));
      channels = outputs;
    }
    for (int64_t block = 1; block <= kBlocksPerStage; ++block) {
      const auto name = fmt::format("stage{}_block{}", stage + 1, block);
      blocks_.push_back(add<BottleneckBlock>(*this, name, channels, blocks, random));
      dropouts_.push_back(add<Dropout>(*this, name + "_dropout", options.dropout, random_));
    }
  }
  const double deviation = 1 / std::sqrt(static_cast<double>(grid.height * grid.width));
  basis_ = register_parameter("basis", at::empty({1, channels, grid.height, grid.width})
                                           .normal_(0, deviation, random)
                                           .contiguous(at::MemoryFormat::ChannelsLast));
  const LinearOptions output{
      .inputs = channels, .outputs = classes > 0 ? channels : 1, .bias = false, .initializer = kR3Initializer};
  output_ = add<Linear>(*this, "output", output, random);
  if (classes == 0) return;
  const double embedding_deviation = 1 / std::sqrt(static_cast<double>(classes * channels));
  const LinearOptions embedding{
      .inputs = classes, .outputs = channels, .initializer = {Initializer::Kind::normal, embedding_deviation}};
  embedding_ = add<Embedding>(*this, "embedding", embedding, random);
}

at::Tensor R3Discriminator::forward(const at::Tensor& images, const at::Tensor& labels) {
  auto grid = (*extract_)(images);
  for (size_t i = 0; i < blocks_.size(); ++i) {
    if (i > 0 && i % kBlocksPerStage == 0) grid = (*transitions_[i / kBlocksPerStage - 1])(halved(grid));
    grid = (*dropouts_[i])(blocks_[i]->forward(grid));
  }
  const auto features = (grid.to(at::kFloat) * basis_).sum({2, 3});
  const auto outputs = (*output_)(features).to(at::kFloat);
  return embedding_ ? (outputs * (*embedding_)(labels)).sum(1) : outputs.squeeze(1);
}

}  // namespace forger
