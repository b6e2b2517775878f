#include "networks/unet.h"

#include "core/fail.h"
#include "core/torch.h"
#include "networks/sizes.h"

namespace forger {
namespace {

constexpr int64_t kUnetHalvings = 3;
const Initializer kUnetInitializer{Initializer::Kind::fan_in_uniform, 1, /*uniform_bias=*/true};

}  // namespace

UnetDiscriminator::UnetDiscriminator(const DiscriminatorOptions& options, const ImageShape& shape, int64_t classes,
                                     const at::Generator& random) {
  expect_image("discriminator", "unet", shape);
  constexpr int64_t kMultiple = 1 << kUnetHalvings;
  if (shape.height % kMultiple != 0 || shape.width % kMultiple != 0) {
    fail("data.size: received [{}, {}] with discriminator.network = \"unet\", accepted: multiples of {}", shape.height,
         shape.width, kMultiple);
  }
  const auto convolution = [&](const std::string& name, ConvolutionOptions layer) {
    layer.initializer = kUnetInitializer;
    layer.spectral_norm = options.spectral_norm;
    return add<Convolution>(*this, name, layer, random);
  };
  const auto channels_at = [&](int64_t level) { return level_channels(options.width, options.max_width, level); };
  first_ = convolution("first", {.inputs = shape.channels, .outputs = channels_at(0)});
  for (int64_t level = 1; level <= kUnetHalvings; ++level) {
    down_.push_back(convolution(
        fmt::format("down{}", level),
        {.inputs = channels_at(level - 1), .outputs = channels_at(level), .kernel = 4, .stride = 2, .bias = false}));
    norms_.push_back(add<Normalization>(
        *this, fmt::format("norm{}", level),
        NormalizationOptions{.kind = options.normalization, .channels = channels_at(level)}, random));
    dropouts_.push_back(add<Dropout>(*this, fmt::format("dropout{}", level), options.dropout, random_));
  }
  for (int64_t level = kUnetHalvings - 1; level >= 0; --level) {
    up_.push_back(convolution(fmt::format("up{}", level),
                              {.inputs = channels_at(level + 1), .outputs = channels_at(level), .bias = false}));
  }
  for (int64_t i = 1; i <= 2; ++i) {
    last_.push_back(
        convolution(fmt::format("last{}", i), {.inputs = channels_at(0), .outputs = channels_at(0), .bias = false}));
  }
  logit_ = convolution("logit", {.inputs = channels_at(0), .outputs = 1});
  class_projection_ = add<ClassProjection>(*this, "class_projection", classes, channels_at(kUnetHalvings),
                                           kUnetInitializer, options.spectral_norm, random);
}

std::vector<at::Tensor> UnetDiscriminator::levels(const at::Tensor& images) {
  std::vector<at::Tensor> grids = {leaky_relu_in_place((*first_)(images))};
  for (size_t i = 0; i < down_.size(); ++i)
    grids.push_back((*dropouts_[i])(leaky_relu_in_place((*norms_[i])((*down_[i])(grids.back())))));
  return grids;
}

at::Tensor UnetDiscriminator::forward(const at::Tensor& images, const at::Tensor& labels) {
  const auto grids = levels(images);
  auto grid = grids.back();
  for (size_t i = 0; i < up_.size(); ++i) {
    grid = leaky_relu_in_place((*up_[i])(doubled_bilinear(grid))) + grids[grids.size() - 2 - i];
  }
  for (const auto& last : last_) grid = leaky_relu_in_place((*last)(grid));
  const auto logits = (*logit_)(grid).to(at::kFloat);
  // The whole image is of its class: every pixel gains the same.
  const auto whole = grids.back().mean({2, 3});
  return logits +
         class_projection_->forward(at::zeros({logits.size(0)}, logits.options()), whole, labels).view({-1, 1, 1, 1});
}

}  // namespace forger
