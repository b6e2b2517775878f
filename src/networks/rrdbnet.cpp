#include "networks/rrdbnet.h"

#include "core/torch.h"
#include "networks/srresnet.h"
#include "onnx/operations.h"

namespace forger {
namespace {

constexpr int64_t kDenseConvolutions = 5, kDenseBlocks = 3;
/// What is left of a block's result when it is added to what went in.
constexpr double kResidualShare = 0.2;
constexpr double kDenseScale = 0.1;

}  // namespace

DenseBlock::DenseBlock(int64_t features, int64_t growth, const at::Generator& random) {
  for (int64_t i = 0; i < kDenseConvolutions; ++i) {
    const int64_t outputs = i + 1 < kDenseConvolutions ? growth : features;
    convolutions_.push_back(add_flat_convolution(*this, "conv" + std::to_string(i + 1), features + i * growth, outputs,
                                                 3, random, kDenseScale));
  }
}

at::Tensor DenseBlock::forward(const at::Tensor& input) {
  std::vector<at::Tensor> made = {input};
  for (int64_t i = 0; i + 1 < kDenseConvolutions; ++i) {
    const auto all = i == 0 ? input : at::cat(made, 1);
    made.push_back(convolutions_[static_cast<size_t>(i)]->leaky(all, kLeakySlope));
  }
  return convolutions_.back()->added(at::cat(made, 1), input, kResidualShare);
}

OnnxValue DenseBlock::to_onnx(OnnxGraph& graph, const OnnxValue& input) const {
  std::vector<OnnxValue> made = {input};
  for (size_t i = 0; i + 1 < convolutions_.size(); ++i) {
    const auto all = i == 0 ? input : onnx::cat(graph, made, 1);
    made.push_back(convolutions_[i]->leaky(graph, all, kLeakySlope));
  }
  return convolutions_.back()->added(graph, onnx::cat(graph, made, 1), input, kResidualShare);
}

RrdbnetUpscaler::RrdbnetUpscaler(const UpscalerOptions& options, int64_t channels_in, int64_t channels_out,
                                 const at::Generator& random)
    : Upscaler(options, channels_in, channels_out), channels_in_(channels_in) {
  const int64_t features = options.features, unshuffle = options.unshuffle;
  first_ = add_flat_convolution(*this, "conv_first", channels_in * unshuffle * unshuffle, features, 3, random);
  const auto body = add<torch::nn::Module>(*this, "body");
  for (int64_t i = 0; i < options.blocks; ++i) {
    const auto block = add<torch::nn::Module>(*body, std::to_string(i));
    auto& dense = blocks_.emplace_back();
    for (int64_t k = 1; k <= kDenseBlocks; ++k) {
      dense.push_back(add<DenseBlock>(*block, "rdb" + std::to_string(k), features, options.growth, random));
    }
  }
  const auto flat = [&](const std::string& name) {
    return add_flat_convolution(*this, name, features, features, 3, random);
  };
  behind_blocks_ = flat("conv_body");
  for (const int64_t step : enlarging_steps(options.scale * unshuffle)) {
    enlargings_.push_back({step, flat("conv_up" + std::to_string(enlargings_.size() + 1))});
  }
  before_last_ = flat("conv_hr");
  last_ = add_flat_convolution(*this, "conv_last", features, channels_out, 3, random);
}

at::Tensor RrdbnetUpscaler::answer(const at::Tensor& images) {
  const int64_t unshuffle = options_.unshuffle;
  const auto input =
      unshuffle == 1 ? images : at::pixel_unshuffle(images, unshuffle).contiguous(at::MemoryFormat::ChannelsLast);
  const auto start = (*first_)(input);
  auto grid = start;
  for (const auto& block : blocks_) {
    auto inner = grid;
    for (const auto& dense : block) inner = dense->forward(inner);
    grid = at::add(grid, inner, kResidualShare);
  }
  grid = behind_blocks_->added(grid, start, 1);
  for (const auto& [scale, convolution] : enlargings_) {
    const auto larger = at::upsample_nearest2d(grid, {scale * grid.size(2), scale * grid.size(3)});
    grid = convolution->leaky(larger, kLeakySlope);
  }
  return (*last_)(before_last_->leaky(grid, kLeakySlope));
}

OnnxValue RrdbnetUpscaler::answer(OnnxGraph& graph, const OnnxValue& images) {
  const int64_t unshuffle = options_.unshuffle;
  const auto input = unshuffle == 1 ? images : onnx::pixel_unshuffle(graph, images, unshuffle, channels_in_);
  const auto start = first_->to_onnx(graph, input);
  auto grid = start;
  for (const auto& block : blocks_) {
    auto inner = grid;
    for (const auto& dense : block) inner = dense->to_onnx(graph, inner);
    grid = onnx::plus(graph, grid, onnx::times(graph, inner, kResidualShare));
  }
  grid = behind_blocks_->added(graph, grid, start, 1);
  for (const auto& [scale, convolution] : enlargings_) {
    grid = convolution->leaky(graph, onnx::upsample_nearest(graph, grid, scale), kLeakySlope);
  }
  return last_->to_onnx(graph, before_last_->leaky(graph, grid, kLeakySlope));
}

RowRange RrdbnetUpscaler::seen_by(RowRange rows) const {
  rows = rows.widened(2);
  for (auto step = enlargings_.rbegin(); step != enlargings_.rend(); ++step) {
    rows = rows.widened(1).before_enlarging(step->scale);
  }
  return rows.widened(kDenseBlocks * kDenseConvolutions * options_.blocks + 2);
}

}  // namespace forger
