#include "networks/dat.h"

#include <algorithm>

#include "core/fail.h"
#include "core/plural.h"
#include "core/torch.h"
#include "onnx/operations.h"

namespace forger {
namespace {

/// Channels of what weighs channels and places, and of what makes biases, are the features divided by these.
constexpr int64_t kChannelNarrowing = 8, kPlaceNarrowing = 16;
constexpr int64_t kOrientations = 2;
constexpr double kSmallestLength = 1e-12;

std::shared_ptr<FlatConvolution> add_depthwise(torch::nn::Module& owner, const std::string& name, int64_t features,
                                               const at::Generator& random) {
  const ConvolutionOptions options{.inputs = features,
                                   .outputs = features,
                                   .groups = features,
                                   .initializer = {Initializer::Kind::fan_in_uniform, 1, /*uniform_bias=*/true}};
  return add<FlatConvolution>(owner, name, options, random);
}

std::shared_ptr<Normalization> add_batch_norm(torch::nn::Module& owner, const std::string& name, int64_t channels,
                                              const at::Generator& random) {
  return add<Normalization>(owner, name, NormalizationOptions{.kind = "batch", .channels = channels}, random);
}

/// As DAT's authors round, in three steps.
int64_t position_features(int64_t features) { return features / 2 / 4 / 4; }

}  // namespace

AdaptiveInteraction::AdaptiveInteraction(torch::nn::Module& owner, int64_t features, const at::Generator& random) {
  const auto depthwise = add<torch::nn::Module>(owner, "dwconv");
  depthwise_ = add_depthwise(*depthwise, "0", features, random);
  depthwise_norm_ = add_batch_norm(*depthwise, "1", features, random);
  const auto weigher = [&](const char* name, int64_t first, int64_t narrow, int64_t outputs) {
    const auto all = add<torch::nn::Module>(owner, name);
    const auto place = [&](int64_t behind) { return std::to_string(first + behind); };
    return Weigher{.narrowing = add_flat_convolution(*all, place(0), features, narrow, 1, random),
                   .widening = add_flat_convolution(*all, place(3), narrow, outputs, 1, random),
                   .norm = add_batch_norm(*all, place(1), narrow, random)};
  };
  channels_ = weigher("channel_interaction", 1, features / kChannelNarrowing, features);
  places_ = weigher("spatial_interaction", 0, features / kPlaceNarrowing, 1);
}

at::Tensor AdaptiveInteraction::Weigher::weights_of(const at::Tensor& grid) const {
  return at::sigmoid((*widening)(at::gelu((*norm)((*narrowing)(grid)))));
}

at::Tensor AdaptiveInteraction::convolved(const at::Tensor& values) const {
  return at::gelu((*depthwise_norm_)((*depthwise_)(values)));
}

at::Tensor AdaptiveInteraction::joined(const at::Tensor& by_channel, const at::Tensor& by_place) const {
  const auto mean = by_place.mean({2, 3}, /*keepdim=*/true).contiguous(at::MemoryFormat::ChannelsLast);
  return by_channel * channels_.weights_of(mean) + by_place * places_.weights_of(by_channel);
}

DatUpscaler::PositionBias DatUpscaler::add_windows(torch::nn::Module& owner, int64_t height, int64_t width,
                                                   const at::Generator& random) const {
  const int64_t inner = position_features(options_.features);
  const auto all = add<torch::nn::Module>(owner, "pos");
  PositionBias windows{.first = add_flat_convolution(*all, "pos_proj", 2, inner, 1, random),
                       .layers = {},
                       .height = height,
                       .width = width};
  for (const char* name : {"pos1", "pos2", "pos3"}) {
    const auto layer = add<torch::nn::Module>(*all, name);
    const int64_t outputs = windows.layers.size() < 2 ? inner : options_.heads / kOrientations;
    windows.layers.push_back({.norm = add<ChannelNorm>(*layer, "0", inner),
                              .convolution = add_flat_convolution(*layer, "2", inner, outputs, 1, random)});
  }
  return windows;
}

DatUpscaler::Step DatUpscaler::add_step(torch::nn::Module& owner, int64_t block, int64_t number,
                                        const at::Generator& random) const {
  const int64_t features = options_.features, half = options_.hidden / 2;
  Step step;
  step.attention_norm = add<ChannelNorm>(owner, "norm1", features);
  const auto attention = add<torch::nn::Module>(owner, "attn");
  if (number % 2 == 0) {
    step.shifts = block % 2 == 0 ? number % 4 == 2 : number % 4 == 0;
    const auto orientations = add<torch::nn::Module>(*attention, "attns");
    const int64_t sides[] = {options_.window, options_.window_width};
    for (size_t i = 0; i < kOrientations; ++i) {
      const auto windows = add<torch::nn::Module>(*orientations, std::to_string(i));
      step.windows.push_back(add_windows(*windows, sides[i], sides[1 - i], random));
    }
  } else {
    step.temperature = attention->register_parameter("temperature", at::ones({options_.heads, 1, 1}));
  }
  step.qkv = add_flat_convolution(*attention, "qkv", features, 3 * features, 1, random);
  step.projection = add_flat_convolution(*attention, "proj", features, features, 1, random);
  step.interaction = std::make_unique<AdaptiveInteraction>(*attention, features, random);
  step.mixing_norm = add<ChannelNorm>(owner, "norm2", features);
  const auto mixing = add<torch::nn::Module>(owner, "ffn");
  step.widening = add_flat_convolution(*mixing, "fc1", features, options_.hidden, 1, random);
  const auto gate = add<torch::nn::Module>(*mixing, "sg");
  step.gate_norm = add<ChannelNorm>(*gate, "norm", half);
  step.gate = add_depthwise(*gate, "conv", half, random);
  step.narrowing = add_flat_convolution(*mixing, "fc2", half, features, 1, random);
  return step;
}

DatUpscaler::DatUpscaler(const UpscalerOptions& options, int64_t channels_in, int64_t channels_out,
                         const at::Generator& random)
    : Upscaler(without_base(options), channels_in, channels_out), mean_(mean_of_photographs(channels_in)) {
  if (channels_in != channels_out) {
    fail("upscaler.network: received \"dat\" for {} from {}, accepted: as many as go in",
         counted(channels_out, "channel"), channels_in);
  }
  const int64_t features = options.features;
  first_ = add_flat_convolution(*this, "conv_first", channels_in, features, 3, random);
  norm_first_ = add<ChannelNorm>(*add<torch::nn::Module>(*this, "before_RG"), "1", features);
  const auto all = add<torch::nn::Module>(*this, "layers");
  for (int64_t i = 0; i < options.blocks; ++i) {
    const auto owner = add<torch::nn::Module>(*all, std::to_string(i));
    const auto steps = add<torch::nn::Module>(*owner, "blocks");
    auto& block = blocks_.emplace_back();
    for (int64_t k = 0; k < options.depth; ++k) {
      block.steps.push_back(add_step(*add<torch::nn::Module>(*steps, std::to_string(k)), i, k, random));
    }
    block.end = std::make_unique<BlockEnd>(*owner, "conv", features, options.end_convolutions, random);
  }
  norm_last_ = add<ChannelNorm>(*this, "norm", features);
  end_ = std::make_unique<BlockEnd>(*this, "conv_after_body", features, options.end_convolutions, random);
  reconstruction_ =
      std::make_unique<Reconstruction>(*this, options.upsampling, features, channels_out, options.scale, random);
}

/// `[heads / 2, n, n]` of the n places of a window.
at::Tensor DatUpscaler::bias_of(const PositionBias& windows, const at::Tensor& like) const {
  const int64_t height = windows.height, width = windows.width, places = height * width;
  const auto along = [&](int64_t side) { return at::arange(1 - side, side, windows.first->parameters()[0].options()); };
  const auto differences = at::stack(at::meshgrid({along(height), along(width)}, "ij"));
  auto table = (*windows.first)(differences.unsqueeze(0).contiguous(at::MemoryFormat::ChannelsLast));
  for (const auto& layer : windows.layers) table = (*layer.convolution)(at::relu((*layer.norm)(table)));
  return table.to(like.scalar_type())
      .flatten(2)
      .squeeze(0)
      .index_select(1, rows_of_differences(height, width).to(like.device()))
      .view({-1, places, places});
}

WindowGrid DatUpscaler::grid_of(const Step& step, const PositionBias& windows) const {
  return {.height = windows.height,
          .width = windows.width,
          .down = step.shifts ? windows.height / 2 : 0,
          .right = step.shifts ? windows.width / 2 : 0};
}

/// `[N, H, W, 3, C]` -> `[N, C, H, W]`.
at::Tensor DatUpscaler::between_places(const Step& step, const at::Tensor& qkv) const {
  const int64_t rows = qkv.size(1), columns = qkv.size(2), half = qkv.size(4) / kOrientations;
  const int64_t longest = std::max(options_.window, options_.window_width);
  const auto missing = [&](int64_t side) { return (longest - side % longest) % longest; };
  const auto filled = at::constant_pad_nd(qkv, {0, 0, 0, 0, 0, missing(columns), 0, missing(rows)});
  std::vector<at::Tensor> made;
  for (const auto& windows : step.windows) {
    const auto part = filled.narrow(4, static_cast<int64_t>(made.size()) * half, half);
    made.push_back(attend_in_windows(part, grid_of(step, windows), bias_of(windows, qkv)));
  }
  return at::cat(made, 3).narrow(1, 0, rows).narrow(2, 0, columns).contiguous().permute({0, 3, 1, 2});
}

/// `[N, H, W, 3, C]` -> `[N, C, H, W]`.
at::Tensor DatUpscaler::between_channels(const Step& step, const at::Tensor& qkv) const {
  const int64_t count = qkv.size(0), heads = options_.heads;
  const auto tokens = qkv.reshape({count, -1, 3, heads, qkv.size(4) / heads}).permute({2, 0, 3, 4, 1});
  const auto unit = [](const at::Tensor& rows) {
    return rows / rows.norm(2, {-1}, /*keepdim=*/true).clamp_min(kSmallestLength);
  };
  const auto alike = at::matmul(unit(tokens[0]), unit(tokens[1]).transpose(2, 3));
  const auto shares = at::softmax(alike * step.temperature.to(alike.scalar_type()), -1);
  return at::matmul(shares, tokens[2])
      .reshape({count, qkv.size(4), qkv.size(1), qkv.size(2)})
      .contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor DatUpscaler::run(const Step& step, const at::Tensor& input) const {
  const int64_t features = options_.features, half = options_.hidden / 2;
  const auto all = (*step.qkv)((*step.attention_norm)(input));
  const auto qkv = all.permute({0, 2, 3, 1}).unflatten(3, {3, features});
  const auto convolved =
      step.interaction->convolved(all.narrow(1, 2 * features, features).contiguous(at::MemoryFormat::ChannelsLast));
  const auto joined = step.windows.empty() ? step.interaction->joined(convolved, between_channels(step, qkv))
                                           : step.interaction->joined(between_places(step, qkv), convolved);
  const auto grid = step.projection->added(joined, input, 1);
  const auto wide = at::gelu((*step.widening)((*step.mixing_norm)(grid)));
  const auto gate = (*step.gate)((*step.gate_norm)(wide.narrow(1, half, half)));
  return step.narrowing->added(wide.narrow(1, 0, half) * gate, grid, 1);
}

at::Tensor DatUpscaler::answer(const at::Tensor& images) {
  const auto mean = mean_.to(images.device());
  const auto start = (*first_)((images - mean).to(images.scalar_type()));
  auto grid = (*norm_first_)(start);
  for (const auto& block : blocks_) {
    auto inner = grid;
    for (const auto& step : block.steps) inner = run(step, inner);
    grid = block.end->added(inner, grid);
  }
  return reconstruction_->forward(end_->added((*norm_last_)(grid), start)) + mean;
}

OnnxValue AdaptiveInteraction::Weigher::weights_of(OnnxGraph& graph, const OnnxValue& grid) const {
  const auto normal = norm->to_onnx(graph, narrowing->to_onnx(graph, grid));
  return onnx::sigmoid(graph, widening->to_onnx(graph, onnx::gelu(graph, normal)));
}

OnnxValue AdaptiveInteraction::convolved(OnnxGraph& graph, const OnnxValue& values) const {
  return onnx::gelu(graph, depthwise_norm_->to_onnx(graph, depthwise_->to_onnx(graph, values)));
}

OnnxValue AdaptiveInteraction::joined(OnnxGraph& graph, const OnnxValue& by_channel, const OnnxValue& by_place) const {
  const auto mean = onnx::reduce(graph, "ReduceMean", by_place, {2, 3}, true);
  return onnx::plus(graph, onnx::times(graph, by_channel, channels_.weights_of(graph, mean)),
                    onnx::times(graph, by_place, places_.weights_of(graph, by_channel)));
}

OnnxValue DatUpscaler::between_places(OnnxGraph& graph, const Step& step, const OnnxValue& qkv) const {
  const int64_t features = options_.features, half = features / kOrientations;
  const auto rows = onnx::permute(graph, qkv, {0, 2, 3, 1});
  const auto filled =
      onnx::reshape(graph, onnx::filled_with_zeros(graph, rows, std::max(options_.window, options_.window_width)),
                    {0, 0, 0, 3, features});
  std::vector<OnnxValue> made;
  for (const auto& windows : step.windows) {
    const int64_t first = static_cast<int64_t>(made.size()) * half;
    const auto part = onnx::reshape(graph, onnx::slice(graph, filled, 4, first, first + half), {0, 0, 0, 3 * half});
    const auto bias = bias_of(windows, windows.first->parameters()[0]);
    made.push_back(attend_in_windows(graph, part, grid_of(step, windows), bias, half));
  }
  const auto all = onnx::permute(graph, onnx::cat(graph, made, 3), {0, 3, 1, 2});
  return onnx::cut_to(graph, all, qkv, 1);
}

OnnxValue DatUpscaler::between_channels(OnnxGraph& graph, const Step& step, const OnnxValue& qkv) const {
  const int64_t features = options_.features, heads = options_.heads;
  const auto tokens = onnx::reshape(graph, qkv, {0, 3, heads, features / heads, -1});
  const auto part = [&](int64_t number) {
    return onnx::squeeze(graph, onnx::slice(graph, tokens, 1, number, number + 1), {1});
  };
  const auto unit = [&](const OnnxValue& rows) {
    const auto length = onnx::reduce(graph, "ReduceL2", rows, {3}, true);
    return graph.node("Div", {rows, graph.node("Max", {length, graph.number(kSmallestLength)})});
  };
  const auto alike = onnx::matmul(graph, unit(part(0)), onnx::permute(graph, unit(part(1)), {0, 1, 3, 2}));
  const auto shares = onnx::softmax(graph, onnx::times(graph, alike, graph.constant(step.temperature)), -1);
  const auto like = onnx::slice(graph, qkv, 1, 0, features);
  return graph.node("Reshape", {onnx::matmul(graph, shares, part(2)), graph.node("Shape", {like})});
}

OnnxValue DatUpscaler::run(OnnxGraph& graph, const Step& step, const OnnxValue& input) const {
  const int64_t features = options_.features, half = options_.hidden / 2;
  const auto qkv = step.qkv->to_onnx(graph, step.attention_norm->to_onnx(graph, input));
  const auto& interaction = *step.interaction;
  const auto convolved = interaction.convolved(graph, onnx::slice(graph, qkv, 1, 2 * features));
  const auto joined = step.windows.empty() ? interaction.joined(graph, convolved, between_channels(graph, step, qkv))
                                           : interaction.joined(graph, between_places(graph, step, qkv), convolved);
  const auto grid = step.projection->added(graph, joined, input, 1);
  const auto wide = onnx::gelu(graph, step.widening->to_onnx(graph, step.mixing_norm->to_onnx(graph, grid)));
  const auto gate_input = step.gate_norm->to_onnx(graph, onnx::slice(graph, wide, 1, half));
  const auto gated = onnx::times(graph, onnx::slice(graph, wide, 1, 0, half), step.gate->to_onnx(graph, gate_input));
  return step.narrowing->added(graph, gated, grid, 1);
}

OnnxValue DatUpscaler::answer(OnnxGraph& graph, const OnnxValue& images) {
  const auto mean = graph.constant(mean_);
  const auto start = first_->to_onnx(graph, onnx::minus(graph, images, mean));
  auto grid = norm_first_->to_onnx(graph, start);
  for (const auto& block : blocks_) {
    auto inner = grid;
    for (const auto& step : block.steps) inner = run(graph, step, inner);
    grid = block.end->added(graph, inner, grid);
  }
  const auto end = end_->added(graph, norm_last_->to_onnx(graph, grid), start);
  return onnx::plus(graph, reconstruction_->to_onnx(graph, end), mean);
}

/// As far as windows and convolutions go; between channels all of the image counts.
RowRange DatUpscaler::seen_by(RowRange rows) const {
  rows = reconstruction_->seen_by(rows).widened(end_->reach_px());
  for (auto block = blocks_.rbegin(); block != blocks_.rend(); ++block) {
    rows = rows.widened(block->end->reach_px());
    for (auto step = block->steps.rbegin(); step != block->steps.rend(); ++step) {
      rows = rows.widened(1);
      RowRange seen = rows.widened(1);
      for (const auto& windows : step->windows) {
        const auto here = rows.of_windows(windows.height, step->shifts ? windows.height / 2 : 0);
        seen = {std::min(seen.first, here.first), std::max(seen.last, here.last)};
      }
      rows = seen;
    }
  }
  return rows.widened(1);
}

}  // namespace forger
