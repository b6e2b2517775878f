#include "networks/pytorch_gan.h"

#include "core/fail.h"
#include "core/torch.h"
#include "networks/sizes.h"
#include "onnx/operations.h"

namespace forger {
namespace {

constexpr int64_t kDoublings = 2;
constexpr int64_t kHalvings = 4;
constexpr double kPeerDeviation = 0.02;
constexpr double kPeerEpsilon = 0.8;
const Initializer kConvolution{Initializer::Kind::normal, kPeerDeviation, /*uniform_bias=*/true};
const Initializer kLinear{Initializer::Kind::fan_in_uniform, 1, /*uniform_bias=*/true};

NormalizationOptions norm_options(const std::string& kind, int64_t channels, double epsilon) {
  return {.kind = kind, .channels = channels, .epsilon = epsilon, .scale_deviation = kPeerDeviation};
}

}  // namespace

PytorchGanGenerator::PytorchGanGenerator(const GeneratorOptions& options, const ImageShape& shape, int64_t classes,
                                         const at::Generator& random) {
  const auto grid = start_grid("generator", "pytorch-gan", options.depth > 0 ? options.depth : kDoublings, shape);
  // The linear layer has as many channels as the first convolution.
  int64_t channels = level_channels(options.width, options.max_width, grid.doublings - 1);
  class_latent_ = add<ClassLatent>(*this, "class_latent", classes, options.latent_size, 1.0, random);
  start_ = add<LatentGrid>(*this, "start", class_latent_->outputs(), channels, grid.height, grid.width,
                           LatentGrid::Bias::full, kLinear, random);
  start_norm_ = add<Normalization>(*this, "start_norm", norm_options(options.normalization, channels, 1e-5), random);
  for (int64_t i = 1; i <= grid.doublings; ++i) {
    const int64_t outputs = level_channels(options.width, options.max_width, grid.doublings - i);
    const ConvolutionOptions doubling{.inputs = channels, .outputs = outputs, .initializer = kConvolution};
    doublings_.push_back(add<DoublingConvolution>(*this, fmt::format("up{}", i), options.upsampling, doubling, random));
    norms_.push_back(add<Normalization>(*this, fmt::format("norm{}", i),
                                        norm_options(options.normalization, outputs, kPeerEpsilon), random));
    channels = outputs;
  }
  const ConvolutionOptions image{.inputs = channels, .outputs = shape.channels, .initializer = kConvolution};
  image_ = add<ImageConvolution>(*this, "image", image, random);
}

at::Tensor PytorchGanGenerator::forward(const at::Tensor& latent, const at::Tensor& labels) {
  auto grid = (*start_norm_)((*start_)(class_latent_->forward(latent, labels)));
  for (size_t i = 0; i < doublings_.size(); ++i) {
    grid = leaky_relu_in_place((*norms_[i])((*doublings_[i])(grid)));
  }
  return at::tanh((*image_)(grid).to(at::kFloat));
}

OnnxValue PytorchGanGenerator::to_onnx(OnnxGraph& graph, const OnnxValue& latent, const OnnxValue& labels) {
  auto grid = start_norm_->to_onnx(graph, start_->to_onnx(graph, class_latent_->to_onnx(graph, latent, labels)));
  for (size_t i = 0; i < doublings_.size(); ++i) {
    grid = onnx::leaky_relu(graph, norms_[i]->to_onnx(graph, doublings_[i]->to_onnx(graph, grid)), kLeakySlope);
  }
  return onnx::tanh(graph, image_->to_onnx(graph, grid));
}

PytorchGanDiscriminator::PytorchGanDiscriminator(const DiscriminatorOptions& options, const ImageShape& shape,
                                                 int64_t classes, const at::Generator& random) {
  expect_image("discriminator", "pytorch-gan", shape);
  const int64_t halvings = options.depth > 0 ? options.depth : kHalvings;
  int64_t channels = shape.channels;
  int64_t height = shape.height;
  int64_t width = shape.width;
  for (int64_t i = 1; i <= halvings; ++i) {
    const int64_t outputs = level_channels(options.width, options.max_width, i - 1);
    const ConvolutionOptions halving{.inputs = channels,
                                     .outputs = outputs,
                                     .stride = 2,
                                     .initializer = kConvolution,
                                     .spectral_norm = options.spectral_norm};
    halvings_.push_back(add<Convolution>(*this, fmt::format("down{}", i), halving, random));
    dropouts_.push_back(add<Dropout>(*this, fmt::format("dropout{}", i), options.dropout, random_));
    norms_.push_back(add<Normalization>(*this, fmt::format("norm{}", i),
                                        norm_options(i == 1 ? "none" : options.normalization, outputs, kPeerEpsilon),
                                        random));
    channels = outputs;
    height = (height + 1) / 2;
    width = (width + 1) / 2;
  }
  if (options.normalization == "instance" && halvings > 1 && height * width == 1) {
    fail(
        "discriminator.normalization: received \"instance\" with a last grid of one pixel, accepted: batch, "
        "none (or "
        "a smaller discriminator.depth)");
  }
  logit_ = add<Readout>(*this, "logit", channels, height, width, true, kLinear, options.spectral_norm, random);
  class_projection_ =
      add<ClassProjection>(*this, "class_projection", classes, channels, kLinear, options.spectral_norm, random);
}

at::Tensor PytorchGanDiscriminator::forward(const at::Tensor& images, const at::Tensor& labels) {
  auto grid = images;
  for (size_t i = 0; i < halvings_.size(); ++i) {
    grid = (*norms_[i])((*dropouts_[i])(leaky_relu_in_place((*halvings_[i])(grid))));
  }
  return class_projection_->forward((*logit_)(grid), grid, labels);
}

}  // namespace forger
