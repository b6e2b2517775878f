#include "networks/vgg.h"

#include "core/torch.h"

namespace forger {
namespace {

constexpr int64_t kHidden = 100;
const Initializer kVggInitializer{Initializer::Kind::fan_in_uniform, 1, /*uniform_bias=*/true};

}  // namespace

VggDiscriminator::VggDiscriminator(const DiscriminatorOptions& options, const ImageShape& shape, int64_t classes,
                                   const at::Generator& random)
    : grid_(start_grid("discriminator", "vgg", options.depth, shape)) {
  int64_t channels = shape.channels;
  const auto convolution = [&](const std::string& name, int64_t outputs, int64_t stride, bool bias) {
    const ConvolutionOptions layer{.inputs = channels,
                                   .outputs = outputs,
                                   .kernel = stride == 2 ? 4 : 3,
                                   .stride = stride,
                                   .bias = bias,
                                   .initializer = kVggInitializer,
                                   .spectral_norm = options.spectral_norm};
    channels = outputs;
    return add<Convolution>(*this, name, layer, random);
  };
  const auto norm = [&](const std::string& name, bool none) {
    const NormalizationOptions layer{.kind = none ? "none" : options.normalization, .channels = channels};
    return add<Normalization>(*this, name, layer, random);
  };
  const bool bias = options.normalization == "none";
  for (int64_t i = 1; i <= grid_.doublings; ++i) {
    const int64_t outputs = level_channels(options.width, options.max_width, i - 1);
    Level level;
    level.same = convolution(fmt::format("same{}", i), outputs, 1, bias || i == 1);
    level.same_norm = norm(fmt::format("same_norm{}", i), i == 1);
    level.halving = convolution(fmt::format("down{}", i), outputs, 2, bias);
    level.halving_norm = norm(fmt::format("norm{}", i), false);
    level.dropout = add<Dropout>(*this, fmt::format("dropout{}", i), options.dropout, random_);
    levels_.push_back(level);
  }
  const auto linear = [&](const char* name, int64_t inputs, int64_t outputs) {
    const LinearOptions layer{
        .inputs = inputs, .outputs = outputs, .initializer = kVggInitializer, .spectral_norm = options.spectral_norm};
    return add<Linear>(*this, name, layer, random);
  };
  hidden_ = linear("hidden", channels * grid_.height * grid_.width, kHidden);
  logit_ = linear("logit", kHidden, 1);
  class_projection_ =
      add<ClassProjection>(*this, "class_projection", classes, kHidden, kVggInitializer, options.spectral_norm, random);
}

std::vector<at::Tensor> VggDiscriminator::levels(const at::Tensor& images) {
  std::vector<at::Tensor> grids;
  auto grid = images;
  for (const auto& level : levels_) {
    grid = leaky_relu_in_place((*level.same_norm)((*level.same)(grid)));
    grid = (*level.dropout)(leaky_relu_in_place((*level.halving_norm)((*level.halving)(grid))));
    grids.push_back(grid);
  }
  return grids;
}

at::Tensor VggDiscriminator::forward(const at::Tensor& images, const at::Tensor& labels) {
  const auto hidden = leaky_relu_in_place((*hidden_)(levels(images).back().flatten(1)));
  return class_projection_->forward((*logit_)(hidden).to(at::kFloat).flatten(), hidden, labels);
}

}  // namespace forger
