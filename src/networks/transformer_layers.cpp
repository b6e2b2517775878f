#include "networks/transformer_layers.h"

#include "core/torch.h"
#include "networks/srresnet.h"
#include "onnx/operations.h"

namespace forger {
namespace {

constexpr double kChannelNormEpsilon = 1e-5;
constexpr int64_t kNarrowing = 4;
/// Channels of the layers that enlarge; people's weights have no other number.
constexpr int64_t kEnlargedFeatures = 64;
constexpr double kBeforeEnlargingSlope = 0.01;

}  // namespace

ChannelNorm::ChannelNorm(int64_t channels)
    : weight_(register_parameter("weight", at::ones({channels}))),
      bias_(register_parameter("bias", at::zeros({channels}))) {}

at::Tensor ChannelNorm::forward(const at::Tensor& input) {
  return at::layer_norm(input.permute({0, 2, 3, 1}), {input.size(1)}, weight_, bias_, kChannelNormEpsilon)
      .permute({0, 3, 1, 2});
}

OnnxValue ChannelNorm::nodes(OnnxGraph& graph, const OnnxValue& input) {
  return onnx::channel_norm(graph, input, weight_, bias_, kChannelNormEpsilon);
}

BlockEnd::BlockEnd(torch::nn::Module& owner, const std::string& name, int64_t features, int64_t convolutions,
                   const at::Generator& random) {
  if (convolutions == 1) {
    convolutions_ = {add_flat_convolution(owner, name, features, features, 3, random)};
    return;
  }
  const auto all = add<torch::nn::Module>(owner, name);
  const int64_t narrow = features / kNarrowing;
  convolutions_ = {add_flat_convolution(*all, "0", features, narrow, 3, random),
                   add_flat_convolution(*all, "2", narrow, narrow, 1, random),
                   add_flat_convolution(*all, "4", narrow, features, 3, random)};
}

at::Tensor BlockEnd::added(const at::Tensor& input, const at::Tensor& to) const {
  auto grid = input;
  for (size_t i = 0; i + 1 < convolutions_.size(); ++i) grid = convolutions_[i]->leaky(grid, kLeakySlope);
  return convolutions_.back()->added(grid, to, 1);
}

OnnxValue BlockEnd::added(OnnxGraph& graph, const OnnxValue& input, const OnnxValue& to) const {
  auto grid = input;
  for (size_t i = 0; i + 1 < convolutions_.size(); ++i) grid = convolutions_[i]->leaky(graph, grid, kLeakySlope);
  return convolutions_.back()->added(graph, grid, to, 1);
}

Reconstruction::Reconstruction(torch::nn::Module& owner, const std::string& upsampling, int64_t features,
                               int64_t channels_out, int64_t scale, const at::Generator& random)
    : is_nearest_(upsampling == "nearest") {
  const auto flat = [&](torch::nn::Module& module, const std::string& name, int64_t inputs, int64_t outputs) {
    return add_flat_convolution(module, name, inputs, outputs, 3, random);
  };
  if (upsampling == "none") {
    last_ = flat(owner, "conv_last", features, channels_out);
    return;
  }
  if (upsampling == "direct") {
    const auto all = add<torch::nn::Module>(owner, "upsample");
    steps_ = {{scale, flat(*all, "0", features, channels_out * scale * scale)}};
    return;
  }
  first_ = flat(*add<torch::nn::Module>(owner, "conv_before_upsample"), "0", features, kEnlargedFeatures);
  const auto steps = enlarging_steps(scale);
  const auto all = is_nearest_ || steps.empty() ? nullptr : add<torch::nn::Module>(owner, "upsample");
  for (const int64_t step : steps) {
    const auto index = steps_.size();
    steps_.push_back(
        {step, is_nearest_
                   ? flat(owner, "conv_up" + std::to_string(index + 1), kEnlargedFeatures, kEnlargedFeatures)
                   : flat(*all, std::to_string(2 * index), kEnlargedFeatures, kEnlargedFeatures * step * step)});
  }
  if (is_nearest_) before_last_ = flat(owner, "conv_hr", kEnlargedFeatures, kEnlargedFeatures);
  last_ = flat(owner, "conv_last", kEnlargedFeatures, channels_out);
}

at::Tensor Reconstruction::forward(const at::Tensor& features) const {
  auto grid = first_ ? first_->leaky(features, kBeforeEnlargingSlope) : features;
  for (const auto& [scale, convolution] : steps_) {
    if (is_nearest_) {
      const auto larger = at::upsample_nearest2d(grid, {scale * grid.size(2), scale * grid.size(3)});
      grid = convolution->leaky(larger, kLeakySlope);
    } else {
      grid = at::pixel_shuffle((*convolution)(grid), scale).contiguous(at::MemoryFormat::ChannelsLast);
    }
  }
  if (before_last_) grid = before_last_->leaky(grid, kLeakySlope);
  return last_ ? (*last_)(grid) : grid;
}

OnnxValue Reconstruction::to_onnx(OnnxGraph& graph, const OnnxValue& features) const {
  auto grid = first_ ? first_->leaky(graph, features, kBeforeEnlargingSlope) : features;
  for (const auto& [scale, convolution] : steps_) {
    grid = is_nearest_ ? convolution->leaky(graph, onnx::upsample_nearest(graph, grid, scale), kLeakySlope)
                       : onnx::pixel_shuffle(graph, convolution->to_onnx(graph, grid), scale);
  }
  if (before_last_) grid = before_last_->leaky(graph, grid, kLeakySlope);
  return last_ ? last_->to_onnx(graph, grid) : grid;
}

RowRange Reconstruction::seen_by(RowRange rows) const {
  rows = rows.widened((last_ ? 1 : 0) + (before_last_ ? 1 : 0));
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
    rows = is_nearest_ ? rows.widened(1).before_enlarging(step->scale) : rows.before_enlarging(step->scale).widened(1);
  }
  return first_ ? rows.widened(1) : rows;
}

at::Tensor mean_of_photographs(int64_t channels) {
  constexpr float kMean[] = {0.4488F, 0.4371F, 0.4040F};  // of DIV2K
  return (channels == 3 ? at::tensor(at::ArrayRef<float>(kMean)) : at::zeros({1})).view({1, -1, 1, 1});
}

}  // namespace forger
