#include "networks/swinir.h"

#include "core/fail.h"
#include "core/plural.h"
#include "core/torch.h"
#include "onnx/operations.h"

namespace forger {
namespace {

/// Only networks that take JPEG's artefacts away have such windows, and only they know colours as 0 to 255.
constexpr int64_t kWindowOfBytes = 7;
constexpr double kBytes = 255;
/// Of the first biases.
constexpr double kBiasDeviation = 0.02;

}  // namespace

SwinirUpscaler::Step SwinirUpscaler::add_step(torch::nn::Module& owner, int64_t shift,
                                              const at::Generator& random) const {
  const int64_t features = options_.features, differences = 2 * options_.window - 1;
  Step step;
  step.shift = shift;
  step.attention_norm = add<ChannelNorm>(owner, "norm1", features);
  const auto attention = add<torch::nn::Module>(owner, "attn");
  const auto biases = at::empty({differences * differences, options_.heads}).normal_(0, kBiasDeviation, random);
  step.biases = attention->register_parameter("relative_position_bias_table", biases);
  step.qkv = add_flat_convolution(*attention, "qkv", features, 3 * features, 1, random);
  step.projection = add_flat_convolution(*attention, "proj", features, features, 1, random);
  step.mixing_norm = add<ChannelNorm>(owner, "norm2", features);
  const auto mixing = add<torch::nn::Module>(owner, "mlp");
  step.widening = add_flat_convolution(*mixing, "fc1", features, options_.hidden, 1, random);
  step.narrowing = add_flat_convolution(*mixing, "fc2", options_.hidden, features, 1, random);
  return step;
}

SwinirUpscaler::SwinirUpscaler(const UpscalerOptions& options, int64_t channels_in, int64_t channels_out,
                               const at::Generator& random)
    : Upscaler(without_base(options), channels_in, channels_out),
      channels_in_(channels_in),
      mean_(mean_of_photographs(channels_in)),
      differences_(rows_of_differences(options.window, options.window)),
      range_(options.window == kWindowOfBytes ? kBytes : 1) {
  if (channels_in != channels_out) {
    fail("upscaler.network: received \"swinir\" for {} from {}, accepted: as many as go in",
         counted(channels_out, "channel"), channels_in);
  }
  const int64_t features = options.features, unshuffle = options.unshuffle;
  first_ = add_flat_convolution(*this, "conv_first", channels_in * unshuffle * unshuffle, features, 3, random);
  norm_first_ = add<ChannelNorm>(*add<torch::nn::Module>(*this, "patch_embed"), "norm", features);
  const auto all = add<torch::nn::Module>(*this, "layers");
  for (int64_t i = 0; i < options.blocks; ++i) {
    const auto owner = add<torch::nn::Module>(*all, std::to_string(i));
    const auto steps = add<torch::nn::Module>(*add<torch::nn::Module>(*owner, "residual_group"), "blocks");
    auto& block = blocks_.emplace_back();
    for (int64_t k = 0; k < options.depth; ++k) {
      const int64_t shift = k % 2 == 0 ? 0 : options.window / 2;
      block.steps.push_back(add_step(*add<torch::nn::Module>(*steps, std::to_string(k)), shift, random));
    }
    block.end = std::make_unique<BlockEnd>(*owner, "conv", features, options.end_convolutions, random);
  }
  norm_last_ = add<ChannelNorm>(*this, "norm", features);
  end_ = std::make_unique<BlockEnd>(*this, "conv_after_body", features, options.end_convolutions, random);
  reconstruction_ = std::make_unique<Reconstruction>(*this, options.upsampling, features, channels_out,
                                                     options.scale * unshuffle, random);
}

WindowGrid SwinirUpscaler::windows_of(const Step& step) const {
  return {.height = options_.window, .width = options_.window, .down = step.shift, .right = step.shift};
}

at::Tensor SwinirUpscaler::run(const Step& step, const at::Tensor& input, const at::Tensor& differences) const {
  const int64_t window = options_.window, places = window * window;
  const auto qkv =
      (*step.qkv)((*step.attention_norm)(input)).permute({0, 2, 3, 1}).unflatten(3, {3, options_.features});
  const auto bias =
      step.biases.to(qkv.scalar_type()).t().index_select(1, differences).view({options_.heads, places, places});
  const auto seen = attend_in_windows(qkv, windows_of(step), bias).permute({0, 3, 1, 2});
  const auto grid = step.projection->added(seen, input, 1);
  return step.narrowing->added(at::gelu((*step.widening)((*step.mixing_norm)(grid))), grid, 1);
}

OnnxValue SwinirUpscaler::run(OnnxGraph& graph, const Step& step, const OnnxValue& input) const {
  const int64_t features = options_.features, places = options_.window * options_.window;
  const auto normal = step.attention_norm->to_onnx(graph, input);
  const auto qkv = onnx::permute(graph, step.qkv->to_onnx(graph, normal), {0, 2, 3, 1});
  const auto bias =
      step.biases.t().index_select(1, differences_.to(step.biases.device())).view({options_.heads, places, places});
  const auto seen = attend_in_windows(graph, qkv, windows_of(step), bias, features);
  const auto grid = step.projection->added(graph, onnx::permute(graph, seen, {0, 3, 1, 2}), input, 1);
  const auto wide = step.widening->to_onnx(graph, step.mixing_norm->to_onnx(graph, grid));
  return step.narrowing->added(graph, onnx::gelu(graph, wide), grid, 1);
}

at::Tensor SwinirUpscaler::answer(const at::Tensor& images) {
  const auto mean = mean_.to(images.device());
  const auto differences = differences_.to(images.device());
  auto centred = ((images - mean) * range_).to(images.scalar_type());
  if (options_.unshuffle > 1) centred = at::pixel_unshuffle(centred, options_.unshuffle);
  const auto start = (*first_)(centred.contiguous(at::MemoryFormat::ChannelsLast));
  auto grid = (*norm_first_)(start);
  for (const auto& block : blocks_) {
    auto inner = grid;
    for (const auto& step : block.steps) inner = run(step, inner, differences);
    grid = block.end->added(inner, grid);
  }
  auto made = reconstruction_->forward(end_->added((*norm_last_)(grid), start));
  if (options_.upsampling == "none") made = made + centred;
  return made / range_ + mean;
}

OnnxValue SwinirUpscaler::answer(OnnxGraph& graph, const OnnxValue& images) {
  const auto mean = graph.constant(mean_);
  auto centred = onnx::times(graph, onnx::minus(graph, images, mean), range_);
  if (options_.unshuffle > 1) centred = onnx::pixel_unshuffle(graph, centred, options_.unshuffle, channels_in_);
  const auto start = first_->to_onnx(graph, centred);
  auto grid = norm_first_->to_onnx(graph, start);
  for (const auto& block : blocks_) {
    auto inner = grid;
    for (const auto& step : block.steps) inner = run(graph, step, inner);
    grid = block.end->added(graph, inner, grid);
  }
  auto made = reconstruction_->to_onnx(graph, end_->added(graph, norm_last_->to_onnx(graph, grid), start));
  if (options_.upsampling == "none") made = onnx::plus(graph, made, centred);
  return onnx::plus(graph, onnx::times(graph, made, 1 / range_), mean);
}

RowRange SwinirUpscaler::seen_by(RowRange rows) const {
  rows = reconstruction_->seen_by(rows).widened(end_->reach_px());
  for (auto block = blocks_.rbegin(); block != blocks_.rend(); ++block) {
    rows = rows.widened(block->end->reach_px());
    for (auto step = block->steps.rbegin(); step != block->steps.rend(); ++step) {
      rows = rows.of_windows(options_.window, step->shift);
    }
  }
  return rows.widened(1);
}

}  // namespace forger
