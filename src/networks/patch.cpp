#include "networks/patch.h"

#include <algorithm>

#include "core/fail.h"
#include "core/torch.h"
#include "networks/sizes.h"

namespace forger {
namespace {

constexpr int64_t kPaperDepth = 3;
constexpr double kPatchDeviation = 0.02;
const Initializer kPatchInitializer{Initializer::Kind::normal, kPatchDeviation};

/// The two convolutions without a stride take two pixels off a side, and one is to be left.
int64_t least_side(int64_t depth) { return int64_t{3} << depth; }

int64_t patch_depth(int64_t asked, const ImageShape& shape) {
  const int64_t shorter = std::min(shape.height, shape.width);
  int64_t depth = asked > 0 ? asked : kPaperDepth;
  while (asked == 0 && depth > 1 && shorter < least_side(depth)) --depth;
  if (shorter >= least_side(depth)) return depth;
  fail(
      "data.size: received [{}, {}] with discriminator.network = \"patch\" and discriminator.depth = {}, accepted: at "
      "least {} a side",
      shape.height, shape.width, depth, least_side(depth));
}

}  // namespace

PatchDiscriminator::PatchDiscriminator(const DiscriminatorOptions& options, const ImageShape& shape, int64_t classes,
                                       const at::Generator& random) {
  expect_image("discriminator", "patch", shape);
  const int64_t depth = patch_depth(options.depth, shape);
  int64_t channels = shape.channels;
  const auto convolution = [&](const std::string& name, int64_t outputs, int64_t stride, bool bias) {
    const ConvolutionOptions layer{.inputs = channels,
                                   .outputs = outputs,
                                   .kernel = 4,
                                   .stride = stride,
                                   .bias = bias,
                                   .initializer = kPatchInitializer,
                                   .spectral_norm = options.spectral_norm};
    channels = outputs;
    return add<Convolution>(*this, name, layer, random);
  };
  for (int64_t i = 1; i <= depth + 1; ++i) {
    const bool normalized = i > 1 && options.normalization != "none";
    const int64_t outputs = level_channels(options.width, options.max_width, i - 1);
    convolutions_.push_back(convolution(fmt::format("down{}", i), outputs, i <= depth ? 2 : 1, !normalized));
    const NormalizationOptions norm{
        .kind = normalized ? options.normalization : "none", .channels = outputs, .scale_deviation = kPatchDeviation};
    norms_.push_back(add<Normalization>(*this, fmt::format("norm{}", i), norm, random));
    dropouts_.push_back(add<Dropout>(*this, fmt::format("dropout{}", i), options.dropout, random_));
  }
  const int64_t features = channels;
  logit_ = convolution("logit", 1, 1, true);
  class_projection_ = add<ClassProjection>(*this, "class_projection", classes, features, kPatchInitializer,
                                           options.spectral_norm, random);
}

std::vector<at::Tensor> PatchDiscriminator::levels(const at::Tensor& images) {
  std::vector<at::Tensor> grids;
  auto grid = images;
  for (size_t i = 0; i < convolutions_.size(); ++i) {
    grid = (*dropouts_[i])(leaky_relu_in_place((*norms_[i])((*convolutions_[i])(grid))));
    grids.push_back(grid);
  }
  return grids;
}

at::Tensor PatchDiscriminator::forward(const at::Tensor& images, const at::Tensor& labels) {
  const auto grid = levels(images).back();
  const auto logits = (*logit_)(grid).to(at::kFloat);
  // The whole image is of its class: every part gains the same.
  const auto of_class =
      class_projection_->forward(at::zeros({logits.size(0)}, logits.options()), grid.mean({2, 3}), labels);
  return logits + of_class.view({-1, 1, 1, 1});
}

}  // namespace forger
