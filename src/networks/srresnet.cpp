#include "networks/srresnet.h"

#include "core/torch.h"
#include "onnx/operations.h"

namespace forger {
namespace {

/// Of the first weights of each block, so that a deep network begins near what goes in (Wang et al. 2018, section 3.1).
constexpr double kBlockScale = 0.1;

}  // namespace

SrresnetUpscaler::SrresnetUpscaler(const UpscalerOptions& options, int64_t channels_in, int64_t channels_out,
                                   const at::Generator& random)
    : Upscaler(options, channels_in, channels_out) {
  const int64_t features = options.features;
  const auto norm = [&](torch::nn::Module& owner, const char* name) {
    return add<Normalization>(owner, name, NormalizationOptions{.kind = options.normalization, .channels = features},
                              random);
  };
  const auto activation = [&](torch::nn::Module& owner, const std::string& name) {
    return add<Activation>(owner, name, options.activation, features);
  };
  // Batch normalisation sets the scale itself.
  const double scale = options.normalization == "none" ? kBlockScale : 1;
  first_ = add_flat_convolution(*this, "conv_first", channels_in, features, options.kernel, random);
  first_activation_ = activation(*this, "activation_first");
  const auto body = add<torch::nn::Module>(*this, "body");
  for (int64_t i = 0; i < options.blocks; ++i) {
    const auto block = add<torch::nn::Module>(*body, std::to_string(i));
    const auto convolution = [&](const char* name) {
      return add_flat_convolution(*block, name, features, features, 3, random, scale);
    };
    blocks_.push_back({.first = convolution("conv1"),
                       .second = convolution("conv2"),
                       .first_norm = norm(*block, "norm1"),
                       .second_norm = norm(*block, "norm2"),
                       .activation = activation(*block, "activation")});
  }
  behind_blocks_ = add_flat_convolution(*this, "conv_body", features, features, 3, random);
  behind_blocks_norm_ = norm(*this, "norm_body");
  for (const int64_t step : enlarging_steps(options.scale)) {
    const auto number = std::to_string(enlargings_.size() + 1);
    enlargings_.push_back(
        {.scale = step,
         .convolution = add_flat_convolution(*this, "conv_up" + number, features, features * step * step, 3, random),
         .activation = activation(*this, "activation_up" + number)});
  }
  last_ = add_flat_convolution(*this, "conv_last", features, channels_out, options.kernel, random);
}

at::Tensor SrresnetUpscaler::answer(const at::Tensor& images) {
  const auto start = (*first_activation_)((*first_)(images));
  auto grid = start;
  for (const auto& block : blocks_) {
    const auto half = (*block.activation)((*block.first_norm)((*block.first)(grid)));
    grid = grid + (*block.second_norm)((*block.second)(half));
  }
  grid = start + (*behind_blocks_norm_)((*behind_blocks_)(grid));
  for (const auto& enlarging : enlargings_) {
    const auto channels = (*enlarging.convolution)(grid);
    grid = (*enlarging.activation)(
        at::pixel_shuffle(channels, enlarging.scale).contiguous(at::MemoryFormat::ChannelsLast));
  }
  return (*last_)(grid);
}

OnnxValue SrresnetUpscaler::answer(OnnxGraph& graph, const OnnxValue& images) {
  const auto start = first_activation_->to_onnx(graph, first_->to_onnx(graph, images));
  auto grid = start;
  for (const auto& block : blocks_) {
    const auto normal = block.first_norm->to_onnx(graph, block.first->to_onnx(graph, grid));
    const auto half = block.activation->to_onnx(graph, normal);
    const auto whole = block.second_norm->to_onnx(graph, block.second->to_onnx(graph, half));
    grid = onnx::plus(graph, grid, whole);
  }
  grid = onnx::plus(graph, start, behind_blocks_norm_->to_onnx(graph, behind_blocks_->to_onnx(graph, grid)));
  for (const auto& enlarging : enlargings_) {
    const auto larger = onnx::pixel_shuffle(graph, enlarging.convolution->to_onnx(graph, grid), enlarging.scale);
    grid = enlarging.activation->to_onnx(graph, larger);
  }
  return last_->to_onnx(graph, grid);
}

RowRange SrresnetUpscaler::seen_by(RowRange rows) const {
  rows = rows.widened(options_.kernel / 2);
  for (auto step = enlargings_.rbegin(); step != enlargings_.rend(); ++step) {
    rows = rows.before_enlarging(step->scale).widened(1);
  }
  return rows.widened(2 * options_.blocks + 1 + options_.kernel / 2);
}

std::vector<int64_t> enlarging_steps(int64_t scale) {
  if (scale == 3) return {3};
  std::vector<int64_t> steps;
  for (; scale > 1; scale /= 2) steps.push_back(2);
  return steps;
}

}  // namespace forger
