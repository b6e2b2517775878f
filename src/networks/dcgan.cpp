#include "networks/dcgan.h"

#include "core/fail.h"
#include "core/torch.h"
#include "networks/sizes.h"

namespace forger {
namespace {

constexpr double kDeviation = 0.02;
const Initializer kInitializer{Initializer::Kind::normal, kDeviation};

NormalizationOptions norm_options(const std::string& kind, int64_t channels) {
  return {.kind = kind, .channels = channels, .scale_deviation = kDeviation};
}

}  // namespace

DcganGenerator::DcganGenerator(const GeneratorOptions& options, const ImageShape& shape, int64_t classes,
                               const at::Generator& random) {
  const auto grid = start_grid("generator", "dcgan", options.depth, shape);
  const bool bias = options.normalization == "none";
  int64_t channels = level_channels(options.width, options.max_width, grid.doublings - 1);
  class_latent_ = add<ClassLatent>(*this, "class_latent", classes, options.latent_size, 1.0, random);
  start_ = add<LatentGrid>(*this, "start", class_latent_->outputs(), channels, grid.height, grid.width,
                           bias ? LatentGrid::Bias::channel : LatentGrid::Bias::none, kInitializer, random);
  for (int64_t i = 1; i <= grid.doublings; ++i) {
    norms_.push_back(add<Normalization>(*this, fmt::format("norm{}", i),
                                        norm_options(options.normalization, channels), random));
    const int64_t level = grid.doublings - 1 - i;
    const int64_t outputs =
        level < 0 ? shape.channels : level_channels(options.width, options.max_width, level);
    const ConvolutionOptions doubling{
        .inputs = channels, .outputs = outputs, .bias = bias, .initializer = kInitializer};
    doublings_.push_back(
        add<DoublingConvolution>(*this, fmt::format("up{}", i), options.upsampling, doubling, random));
    channels = outputs;
  }
}

at::Tensor DcganGenerator::forward(const at::Tensor& latent, const at::Tensor& labels) {
  auto grid = (*start_)(class_latent_->forward(latent, labels));
  for (size_t i = 0; i < doublings_.size(); ++i) grid = (*doublings_[i])(relu_in_place((*norms_[i])(grid)));
  return at::tanh(grid.to(at::kFloat));
}

DcganDiscriminator::DcganDiscriminator(const DiscriminatorOptions& options, const ImageShape& shape,
                                       int64_t classes, const at::Generator& random) {
  const auto grid = start_grid("discriminator", "dcgan", options.depth, shape);
  const bool bias = options.normalization == "none";
  int64_t channels = shape.channels;
  for (int64_t i = 1; i <= grid.doublings; ++i) {
    const int64_t outputs = level_channels(options.width, options.max_width, i - 1);
    const ConvolutionOptions halving{.inputs = channels,
                                     .outputs = outputs,
                                     .kernel = 4,
                                     .stride = 2,
                                     .bias = bias,
                                     .initializer = kInitializer,
                                     .spectral_norm = options.spectral_norm};
    halvings_.push_back(add<Convolution>(*this, fmt::format("down{}", i), halving, random));
    norms_.push_back(add<Normalization>(*this, fmt::format("norm{}", i),
                                        norm_options(i == 1 ? "none" : options.normalization, outputs),
                                        random));
    dropouts_.push_back(add<Dropout>(*this, fmt::format("dropout{}", i), options.dropout, random_));
    channels = outputs;
  }
  if (options.normalization == "instance" && grid.doublings > 1 && grid.height * grid.width == 1) {
    fail(
        "discriminator.normalization: received \"instance\" with a last grid of one pixel, accepted: batch, "
        "none (or "
        "a smaller discriminator.depth)");
  }
  logit_ = add<Readout>(*this, "logit", channels, grid.height, grid.width, bias, kInitializer,
                        options.spectral_norm, random);
  class_projection_ = add<ClassProjection>(*this, "class_projection", classes, channels, kInitializer,
                                           options.spectral_norm, random);
}

at::Tensor DcganDiscriminator::forward(const at::Tensor& images, const at::Tensor& labels) {
  auto grid = images;
  for (size_t i = 0; i < halvings_.size(); ++i) {
    grid = (*dropouts_[i])(leaky_relu_in_place((*norms_[i])((*halvings_[i])(grid))));
  }
  return class_projection_->forward((*logit_)(grid), grid, labels);
}

}  // namespace forger
