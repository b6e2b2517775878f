#include "networks/resnet.h"

#include <numbers>

#include "core/fail.h"
#include "core/torch.h"
#include "networks/sizes.h"
#include "onnx/operations.h"

namespace forger {
namespace {

constexpr int64_t kFlatBlocks = 2;
const Initializer kResnetInitializer{Initializer::Kind::glorot_uniform, 1};
const Initializer kResidual{Initializer::Kind::glorot_uniform, std::numbers::sqrt2};

}  // namespace

ResidualUp::ResidualUp(int64_t inputs, int64_t outputs, int64_t classes, const GeneratorOptions& options,
                       const at::Generator& random)
    : bilinear_(options.upsampling == "bilinear") {
  const auto norm = [&](const char* name, int64_t channels) {
    return add<Normalization>(
        *this, name, NormalizationOptions{.kind = options.normalization, .channels = channels, .classes = classes},
        random);
  };
  norm1_ = norm("norm1", inputs);
  up_ = add<DoublingConvolution>(*this, "up", options.upsampling,
                                 ConvolutionOptions{.inputs = inputs, .outputs = outputs, .initializer = kResidual},
                                 random);
  norm2_ = norm("norm2", outputs);
  convolution_ =
      add<Convolution>(*this, "convolution",
                       ConvolutionOptions{.inputs = outputs, .outputs = outputs, .initializer = kResidual}, random);
  shortcut_ = add<Convolution>(
      *this, "shortcut",
      ConvolutionOptions{
          .inputs = inputs, .outputs = outputs, .kernel = 1, .padding = 0, .initializer = kResnetInitializer},
      random);
}

at::Tensor ResidualUp::forward(const at::Tensor& input, const at::Tensor& labels) {
  const auto hidden = relu_in_place((*norm2_)((*up_)(at::relu((*norm1_)(input, labels))), labels));
  // A 1x1 convolution and doubling commute; the convolution is four times cheaper on the small grid.
  const auto small = (*shortcut_)(input);
  return (*convolution_)(hidden) + (bilinear_ ? doubled_bilinear(small) : doubled_nearest(small));
}

OnnxValue ResidualUp::to_onnx(OnnxGraph& graph, const OnnxValue& input, const OnnxValue& labels) const {
  const auto larger = up_->to_onnx(graph, onnx::relu(graph, norm1_->to_onnx(graph, input, labels)));
  const auto hidden = onnx::relu(graph, norm2_->to_onnx(graph, larger, labels));
  const auto small = shortcut_->to_onnx(graph, input);
  const auto direct = bilinear_ ? onnx::upsample_bilinear(graph, small, 2) : onnx::upsample_nearest(graph, small, 2);
  return onnx::plus(graph, convolution_->to_onnx(graph, hidden), direct);
}

ResnetGenerator::ResnetGenerator(const GeneratorOptions& options, const ImageShape& shape, int64_t classes,
                                 const at::Generator& random) {
  const auto grid = start_grid("generator", "resnet", options.depth, shape);
  const int64_t norm_classes = options.normalization == "batch" ? classes : 0;
  int64_t channels = level_channels(options.width, options.max_width, grid.doublings);
  class_latent_ = add<ClassLatent>(*this, "class_latent", classes - norm_classes, options.latent_size, 1.0, random);
  start_ = add<LatentGrid>(*this, "start", class_latent_->outputs(), channels, grid.height, grid.width,
                           LatentGrid::Bias::full, kResnetInitializer, random);
  for (int64_t i = 1; i <= grid.doublings; ++i) {
    const int64_t outputs = level_channels(options.width, options.max_width, grid.doublings - i);
    blocks_.push_back(
        add<ResidualUp>(*this, fmt::format("block{}", i), channels, outputs, norm_classes, options, random));
    channels = outputs;
  }
  norm_ = add<Normalization>(*this, "norm", NormalizationOptions{.kind = options.normalization, .channels = channels},
                             random);
  image_ = add<ImageConvolution>(
      *this, "image",
      ConvolutionOptions{.inputs = channels, .outputs = shape.channels, .initializer = kResnetInitializer}, random);
}

at::Tensor ResnetGenerator::forward(const at::Tensor& latent, const at::Tensor& labels) {
  auto grid = (*start_)(class_latent_->forward(latent, labels));
  for (const auto& block : blocks_) grid = block->forward(grid, labels);
  return at::tanh((*image_)(relu_in_place((*norm_)(grid))).to(at::kFloat));
}

OnnxValue ResnetGenerator::to_onnx(OnnxGraph& graph, const OnnxValue& latent, const OnnxValue& labels) {
  auto grid = start_->to_onnx(graph, class_latent_->to_onnx(graph, latent, labels));
  for (const auto& block : blocks_) grid = block->to_onnx(graph, grid, labels);
  return onnx::tanh(graph, image_->to_onnx(graph, onnx::relu(graph, norm_->to_onnx(graph, grid))));
}

ResidualDown::ResidualDown(int64_t inputs, int64_t outputs, bool first, bool halves,
                           const DiscriminatorOptions& options,
                           const std::shared_ptr<const RandomSource>& dropout_random, const at::Generator& random)
    : first_(first), halves_(halves) {
  const int64_t hidden = first ? outputs : inputs;
  const auto norm = [&](const char* name, int64_t channels) {
    return add<Normalization>(*this, name, NormalizationOptions{.kind = options.normalization, .channels = channels},
                              random);
  };
  const auto convolution = [&](int64_t in, int64_t out, int64_t kernel) {
    return ConvolutionOptions{.inputs = in,
                              .outputs = out,
                              .kernel = kernel,
                              .padding = kernel / 2,
                              .initializer = kernel == 1 ? kResnetInitializer : kResidual,
                              .spectral_norm = options.spectral_norm};
  };
  if (!first) norm1_ = norm("norm1", inputs);
  convolution1_ = add<Convolution>(*this, "convolution1", convolution(inputs, hidden, 3), random);
  norm2_ = norm("norm2", hidden);
  if (halves) {
    convolution2_ = add<PoolingConvolution>(*this, "convolution2", convolution(hidden, outputs, 3), random);
  } else {
    convolution2_ = add<Convolution>(*this, "convolution2", convolution(hidden, outputs, 3), random);
  }
  if (halves || inputs != outputs) {
    shortcut_ = add<Convolution>(*this, "shortcut", convolution(inputs, outputs, 1), random);
  }
  dropout_ = add<Dropout>(*this, "dropout", options.dropout, dropout_random);
}

at::Tensor ResidualDown::forward(const at::Tensor& input) {
  auto hidden = (*convolution1_)(first_ ? input : at::relu((*norm1_)(input)));
  hidden = (*convolution2_)(relu_in_place((*norm2_)(hidden)));
  // A 1x1 convolution and pooling commute; the convolution is four times cheaper on the small grid.
  auto direct = halves_ ? at::avg_pool2d(input, {2, 2}) : input;
  if (shortcut_) direct = (*shortcut_)(direct);
  return (*dropout_)(hidden + direct);
}

ResnetDiscriminator::ResnetDiscriminator(const DiscriminatorOptions& options, const ImageShape& shape, int64_t classes,
                                         const at::Generator& random) {
  const auto grid = start_grid("discriminator", "resnet", options.depth, shape);
  if (options.normalization == "instance" && grid.height * grid.width == 1) {
    fail(
        "discriminator.normalization: received \"instance\" with a last grid of one pixel, accepted: batch, "
        "none (or "
        "a smaller discriminator.depth)");
  }
  int64_t channels = shape.channels;
  for (int64_t i = 1; i <= grid.doublings + kFlatBlocks; ++i) {
    const bool halves = i <= grid.doublings;
    const int64_t outputs = halves ? level_channels(options.width, options.max_width, i - 1) : channels;
    blocks_.push_back(add<ResidualDown>(*this, fmt::format("block{}", i), channels, outputs, i == 1, halves, options,
                                        random_, random));
    channels = outputs;
  }
  norm_ = add<Normalization>(*this, "norm", NormalizationOptions{.kind = options.normalization, .channels = channels},
                             random);
  logit_ = add<Readout>(*this, "logit", channels, 1, 1, true, kResnetInitializer, options.spectral_norm, random);
  class_projection_ = add<ClassProjection>(*this, "class_projection", classes, channels, kResnetInitializer,
                                           options.spectral_norm, random);
}

at::Tensor ResnetDiscriminator::forward(const at::Tensor& images, const at::Tensor& labels) {
  auto grid = images;
  for (const auto& block : blocks_) grid = block->forward(grid);
  const auto features = relu_in_place((*norm_)(grid)).to(at::kFloat).sum({2, 3}, /*keepdim=*/true);
  return class_projection_->forward((*logit_)(features), features, labels);
}

}  // namespace forger
