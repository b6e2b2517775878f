#include "networks/dcgan.h"

#include "core/fail.h"
#include "core/torch.h"
#include "networks/trunk_options.h"
#include "onnx/operations.h"

namespace forger {
namespace {

constexpr double kDeviation = 0.02;
const Initializer kDcganInitializer{Initializer::Kind::normal, kDeviation};

NormalizationOptions norm_options(const std::string& kind, int64_t channels) {
  return {.kind = kind, .channels = channels, .scale_deviation = kDeviation};
}

}  // namespace

DcganGenerator::DcganGenerator(const GeneratorOptions& options, const ImageShape& shape, int64_t classes,
                               const at::Generator& random)
    : grid_(start_grid("generator", "dcgan", options.depth, shape)) {
  const bool bias = options.normalization == "none";
  int64_t channels = level_channels(options.width, options.max_width, grid_.doublings - 1);
  class_latent_ = add<ClassLatent>(*this, "class_latent", classes, options.latent_size, 1.0, random);
  if (options.convolutional_latent) {
    const ConvolutionOptions start{.inputs = convolutional_latent_channels(options.latent_size, grid_),
                                   .outputs = channels,
                                   .bias = bias,
                                   .initializer = kDcganInitializer};
    convolutional_start_ = add<Convolution>(*this, "start", start, random);
  } else {
    start_ = add<LatentGrid>(*this, "start", class_latent_->outputs(), channels, grid_.height, grid_.width,
                             bias ? LatentGrid::Bias::channel : LatentGrid::Bias::none, kDcganInitializer, random);
  }
  for (int64_t i = 1; i <= grid_.doublings; ++i) {
    norms_.push_back(
        add<Normalization>(*this, fmt::format("norm{}", i), norm_options(options.normalization, channels), random));
    const int64_t level = grid_.doublings - 1 - i;
    const int64_t outputs = level < 0 ? shape.channels : level_channels(options.width, options.max_width, level);
    const ConvolutionOptions doubling{
        .inputs = channels, .outputs = outputs, .bias = bias, .initializer = kDcganInitializer};
    doublings_.push_back(add<DoublingConvolution>(*this, fmt::format("up{}", i), options.upsampling, doubling, random));
    channels = outputs;
  }
}

at::Tensor DcganGenerator::forward(const at::Tensor& latent, const at::Tensor& labels) {
  auto grid = convolutional_start_
                  ? (*convolutional_start_)(latent.reshape({latent.size(0), -1, grid_.height, grid_.width}))
                  : (*start_)(class_latent_->forward(latent, labels));
  for (size_t i = 0; i < doublings_.size(); ++i) grid = (*doublings_[i])(relu_in_place((*norms_[i])(grid)));
  return at::tanh(grid.to(at::kFloat));
}

OnnxValue DcganGenerator::to_onnx(OnnxGraph& graph, const OnnxValue& latent, const OnnxValue& labels) {
  OnnxValue grid;
  if (convolutional_start_) {
    const auto places = onnx::reshape(graph, latent, {0, -1, grid_.height, grid_.width});
    grid = convolutional_start_->to_onnx(graph, places);
  } else {
    grid = start_->to_onnx(graph, class_latent_->to_onnx(graph, latent, labels));
  }
  for (size_t i = 0; i < doublings_.size(); ++i) {
    grid = doublings_[i]->to_onnx(graph, onnx::relu(graph, norms_[i]->to_onnx(graph, grid)));
  }
  return onnx::tanh(graph, grid);
}

DcganTrunk::DcganTrunk(torch::nn::Module& owner, const std::string& player, const DiscriminatorOptions& options,
                       const ImageShape& shape, const std::shared_ptr<RandomSource>& dropout_random,
                       const at::Generator& random)
    : grid_(start_grid(player, "dcgan", options.depth, shape)), channels_(shape.channels) {
  for (int64_t i = 1; i <= grid_.doublings; ++i) {
    const int64_t outputs = level_channels(options.width, options.max_width, i - 1);
    const ConvolutionOptions halving{.inputs = channels_,
                                     .outputs = outputs,
                                     .kernel = 4,
                                     .stride = 2,
                                     .bias = options.normalization == "none",
                                     .initializer = kDcganInitializer,
                                     .spectral_norm = options.spectral_norm};
    halvings_.push_back(add<Convolution>(owner, fmt::format("down{}", i), halving, random));
    norms_.push_back(add<Normalization>(owner, fmt::format("norm{}", i),
                                        norm_options(i == 1 ? "none" : options.normalization, outputs), random));
    dropouts_.push_back(add<Dropout>(owner, fmt::format("dropout{}", i), options.dropout, dropout_random));
    channels_ = outputs;
  }
  if (options.normalization == "instance" && grid_.doublings > 1 && grid_.height * grid_.width == 1) {
    fail(
        "{0}.normalization: received \"instance\" with a last grid of one pixel, accepted: batch, none (or a smaller "
        "{0}.depth)",
        player);
  }
}

std::vector<at::Tensor> DcganTrunk::levels(const at::Tensor& images) {
  std::vector<at::Tensor> grids;
  for (size_t i = 0; i < halvings_.size(); ++i) {
    const auto& below = i == 0 ? images : grids.back();
    grids.push_back((*dropouts_[i])(leaky_relu_in_place((*norms_[i])((*halvings_[i])(below)))));
  }
  return grids;
}

OnnxValue DcganTrunk::to_onnx(OnnxGraph& graph, const OnnxValue& images) const {
  auto grid = images;
  for (size_t i = 0; i < halvings_.size(); ++i) {
    const auto normal = norms_[i]->to_onnx(graph, halvings_[i]->to_onnx(graph, grid));
    grid = dropouts_[i]->to_onnx(graph, onnx::leaky_relu(graph, normal, kLeakySlope));
  }
  return grid;
}

DcganDiscriminator::DcganDiscriminator(const DiscriminatorOptions& options, const ImageShape& shape, int64_t classes,
                                       const at::Generator& random)
    : trunk_(*this, "discriminator", options, shape, random_, random) {
  logit_ = add<Readout>(*this, "logit", trunk_.channels(), trunk_.grid().height, trunk_.grid().width,
                        options.normalization == "none", kDcganInitializer, options.spectral_norm, random);
  class_projection_ = add<ClassProjection>(*this, "class_projection", classes, trunk_.channels(), kDcganInitializer,
                                           options.spectral_norm, random);
  if (options.rotations > 0) {
    const LinearOptions rotations{.inputs = trunk_.channels() * trunk_.grid().height * trunk_.grid().width,
                                  .outputs = 4,
                                  .initializer = kDcganInitializer,
                                  .spectral_norm = options.spectral_norm};
    rotation_head_ = add<Linear>(*this, "rotations", rotations, random);
  }
}

at::Tensor DcganDiscriminator::forward(const at::Tensor& images, const at::Tensor& labels) {
  const auto grid = trunk_(images);
  return class_projection_->forward((*logit_)(grid), grid, labels);
}

OnnxValue DcganDiscriminator::flat_features(OnnxGraph& graph, const OnnxValue& images) {
  return graph.node("Flatten", {trunk_.to_onnx(graph, images)}, {{"axis", int64_t{1}}});
}

DcganEncoder::DcganEncoder(const EncoderOptions& options, const ImageShape& shape, const CodeShape& code,
                           const at::Generator& random)
    : trunk_(*this, "encoder", trunk_options(options), shape, random_, random) {
  const auto& grid = trunk_.grid();
  if (!code.is_convolutional()) {
    const LinearOptions linear{.inputs = trunk_.channels() * grid.height * grid.width,
                               .outputs = code.numbers,
                               .initializer = kDcganInitializer};
    output_ = add<Linear>(*this, "output", linear, random);
    return;
  }
  if (grid.height != code.height || grid.width != code.width) {
    fail(
        "encoder.depth: received one that ends on {}x{} with generator.convolutional_latent, accepted: one that ends "
        "on {}x{}, "
        "where the generator begins",
        grid.height, grid.width, code.height, code.width);
  }
  const ConvolutionOptions convolution{.inputs = trunk_.channels(),
                                       .outputs = code.numbers / (code.height * code.width),
                                       .initializer = kDcganInitializer};
  convolutional_output_ = add<Convolution>(*this, "output", convolution, random);
}

at::Tensor DcganEncoder::forward(const at::Tensor& images) {
  const auto grid = trunk_(images);
  return (output_ ? (*output_)(grid.flatten(1)) : (*convolutional_output_)(grid).flatten(1)).to(at::kFloat);
}

OnnxValue DcganEncoder::to_onnx(OnnxGraph& graph, const OnnxValue& images) {
  const auto flat = [&](const OnnxValue& grid) { return graph.node("Flatten", {grid}, {{"axis", int64_t{1}}}); };
  const auto grid = trunk_.to_onnx(graph, images);
  return output_ ? output_->to_onnx(graph, flat(grid)) : flat(convolutional_output_->to_onnx(graph, grid));
}

}  // namespace forger
