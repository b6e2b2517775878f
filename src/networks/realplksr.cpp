#include "networks/realplksr.h"

#include "core/fail.h"
#include "core/plural.h"
#include "core/torch.h"
#include "onnx/operations.h"

namespace forger {
namespace {

constexpr int64_t kGroups = 4;
constexpr double kGroupEpsilon = 1e-5, kLayerEpsilon = 1e-6;
/// How far DySample looks in people's weights; nothing bounds it.
constexpr int64_t kDySampleReachPx = 2;

/// Groups of channels that look at places of their own.
int64_t dysample_groups(int64_t channels_out, int64_t scale) { return scale % 2 != 0 ? channels_out : 4; }

/// Where each of the pixels lies that one becomes, from its middle, for each group: `[1, 2 * groups * scale^2, 1, 1]`.
at::Tensor first_places(int64_t scale, int64_t groups) {
  const double end = static_cast<double>(scale - 1) / 2;
  const auto along = at::linspace(-end, end, scale, at::kFloat) / static_cast<double>(scale);
  const auto rows = along.view({1, scale}).expand({scale, scale}),
             columns = along.view({scale, 1}).expand({scale, scale});
  return at::stack({rows, columns}).repeat({1, groups, 1}).reshape({1, -1, 1, 1});
}

}  // namespace

DySample::DySample(int64_t channels_in, int64_t channels_out, int64_t scale, const at::Generator& random)
    : channels_(channels_in), scale_(scale), groups_(dysample_groups(channels_out, scale)) {
  if (channels_in % groups_ != 0) {
    fail("upscaler.upsampling: received \"dysample\" at scale {} for {}, accepted: shuffle", scale,
         counted(channels_out, "channel"));
  }
  const auto point = [&](const char* name, int64_t outputs, bool bias) {
    const ConvolutionOptions options{
        .inputs = channels_in, .outputs = outputs, .kernel = 1, .padding = 0, .bias = bias};
    return add<FlatConvolution>(*this, name, options, random);
  };
  if (scale > 1) end_ = point("end_conv", channels_out, true);
  offset_ = point("offset", 2 * groups_ * scale * scale, true);
  scope_ = point("scope", 2 * groups_ * scale * scale, false);
  first_places_ = register_buffer("init_pos", first_places(scale, groups_));
}

at::Tensor DySample::forward(const at::Tensor& input) {
  const int64_t count = input.size(0), height = input.size(2), width = input.size(3);
  const auto float_options = input.options().dtype(input.scalar_type() == at::kDouble ? at::kDouble : at::kFloat);
  const auto along = [&](int64_t side) { return at::arange(side, float_options) + 0.5; };
  const auto scopes = at::sigmoid((*scope_)(input)) * 0.5;
  const auto offsets = ((*offset_)(input)*scopes + first_places_).to(float_options);
  const auto places = offsets.reshape({count, 2, -1, height, width});
  const auto across = 2 * (places.select(1, 0) + along(width)) / width - 1;
  const auto down = 2 * (places.select(1, 1) + along(height).view({-1, 1})) / height - 1;
  const auto larger = [&](const at::Tensor& coordinates) {
    return at::pixel_shuffle(coordinates, scale_).reshape({count * groups_, scale_ * height, scale_ * width});
  };
  const auto grid = at::stack({larger(across), larger(down)}, -1);
  const auto planes = input.to(float_options).reshape({count * groups_, -1, height, width});
  constexpr int64_t kBilinear = 0, kBorder = 1;
  const auto made = at::grid_sampler_2d(planes, grid, kBilinear, kBorder, /*align_corners=*/false)
                        .reshape({count, -1, scale_ * height, scale_ * width});
  return end_ ? (*end_)(made) : made;
}

OnnxValue DySample::to_onnx(OnnxGraph& graph, const OnnxValue& input) const {
  constexpr int64_t kSpelledLinear = 20;
  const int64_t coordinates = groups_ * scale_ * scale_;
  const auto scopes = onnx::times(graph, onnx::sigmoid(graph, scope_->to_onnx(graph, input)), 0.5);
  const auto moved = onnx::times(graph, offset_->to_onnx(graph, input), scopes);
  const auto places = onnx::plus(graph, moved, graph.constant(first_places_));
  // 2 * (place + number + 0.5) / length - 1, for each of a row's or a column's pixels.
  const auto larger = [&](int64_t first, int64_t axis) {
    const auto length = onnx::side(graph, input, axis);
    auto numbers = onnx::cast(graph, onnx::counted_to(graph, length), graph.real());
    if (axis == 2) numbers = onnx::unsqueeze(graph, numbers, {1});
    const auto middles = onnx::plus(graph, numbers, graph.number(0.5));
    const auto absolute = onnx::plus(graph, onnx::slice(graph, places, 1, first, first + coordinates), middles);
    const auto relative = graph.node("Div", {onnx::times(graph, absolute, 2), onnx::cast(graph, length, graph.real())});
    const auto pixels = onnx::pixel_shuffle(graph, onnx::minus(graph, relative, graph.number(1)), scale_);
    return onnx::reshape(graph, pixels, {-1, 1, 0, 0});
  };
  const auto grid = onnx::permute(graph, onnx::cat(graph, {larger(0, 3), larger(coordinates, 2)}, 1), {0, 2, 3, 1});
  const auto planes = onnx::reshape(graph, input, {-1, channels_ / groups_, 0, 0});
  const std::string mode = graph.opset() >= kSpelledLinear ? "linear" : "bilinear";
  const auto seen =
      graph.node("GridSample", {planes, grid},
                 {{"mode", mode}, {"padding_mode", std::string("border")}, {"align_corners", int64_t{0}}});
  const auto made = onnx::reshape(graph, seen, {-1, channels_, 0, 0});
  return end_ ? end_->to_onnx(graph, made) : made;
}

RealplksrUpscaler::Block RealplksrUpscaler::add_block(torch::nn::Module& owner, const at::Generator& random) const {
  const int64_t features = options_.features;
  const auto norm = [&](const char* name) {
    auto module = add<torch::nn::Module>(owner, name);
    return Scales{module->register_parameter("weight", at::ones({features})),
                  module->register_parameter("bias", at::zeros({features}))};
  };
  const auto inner = [&](const char* name) { return add<torch::nn::Module>(owner, name); };
  const auto narrow = [&](torch::nn::Module& module, const char* name, int64_t inputs, int64_t outputs,
                          int64_t kernel) {
    return add<FlatConvolution>(
        module, name, ConvolutionOptions{.inputs = inputs, .outputs = outputs, .kernel = kernel, .padding = kernel / 2},
        random);
  };
  Block block;
  if (options_.normalization == "layer") block.norm = norm("layer_norm");
  const auto mixer = inner("channel_mixer");
  block.widening = add_flat_convolution(*mixer, "0", features, 2 * features, 3, random);
  block.narrowing = narrow(*mixer, "2", 2 * features, features, 3);
  block.large = narrow(*inner("lk"), "conv", options_.partial, options_.partial, options_.kernel);
  if (options_.attention) {
    const auto attention = inner("attn");
    block.attention = narrow(*add<torch::nn::Module>(*attention, "f"), "0", features, features, 3);
  }
  block.refining = narrow(owner, "refine", features, features, 1);
  if (options_.normalization == "group") block.norm = norm("norm");
  return block;
}

RealplksrUpscaler::RealplksrUpscaler(const UpscalerOptions& options, int64_t channels_in, int64_t channels_out,
                                     const at::Generator& random)
    : Upscaler(without_base(options), channels_in, channels_out), channels_(channels_in) {
  if (channels_in != channels_out) {
    fail("upscaler.network: received \"realplksr\" for {} from {}, accepted: as many as go in",
         counted(channels_out, "channel"), channels_in);
  }
  const int64_t outputs = channels_out * options.scale * options.scale;
  const auto all = add<torch::nn::Module>(*this, "feats");
  first_ = add_flat_convolution(*all, "0", channels_in, options.features, 3, random);
  for (int64_t i = 1; i <= options.blocks; ++i) {
    blocks_.push_back(add_block(*add<torch::nn::Module>(*all, std::to_string(i)), random));
  }
  // Between them stands a dropout in the network that people train.
  const ConvolutionOptions last{.inputs = options.features, .outputs = outputs};
  last_ = add<FlatConvolution>(*all, std::to_string(options.blocks + 2), last, random);
  if (options.upsampling == "dysample") {
    dysample_ = add<DySample>(*this, "to_img", outputs, channels_out, options.scale, random);
  }
}

at::Tensor RealplksrUpscaler::run(const Block& block, const at::Tensor& input) const {
  const int64_t features = options_.features, partial = options_.partial;
  auto grid = input;
  if (options_.normalization == "layer") {
    grid = at::layer_norm(grid.permute({0, 2, 3, 1}), {features}, block.norm.weight, block.norm.bias, kLayerEpsilon)
               .permute({0, 3, 1, 2});
  }
  grid = (*block.narrowing)(at::mish((*block.widening)(grid)));
  grid = at::cat({(*block.large)(grid.slice(1, 0, partial)), grid.slice(1, partial)}, 1);
  if (block.attention) grid = grid * at::sigmoid((*block.attention)(grid));
  grid = (*block.refining)(grid);
  if (options_.normalization == "group") {
    grid = at::group_norm(grid, kGroups, block.norm.weight, block.norm.bias, kGroupEpsilon);
  }
  return input + grid;
}

OnnxValue RealplksrUpscaler::run(OnnxGraph& graph, const Block& block, const OnnxValue& input) const {
  const int64_t partial = options_.partial;
  auto grid = input;
  if (options_.normalization == "layer") {
    grid = onnx::channel_norm(graph, grid, block.norm.weight, block.norm.bias, kLayerEpsilon);
  }
  grid = block.narrowing->to_onnx(graph, onnx::mish(graph, block.widening->to_onnx(graph, grid)));
  const auto large = block.large->to_onnx(graph, onnx::slice(graph, grid, 1, 0, partial));
  grid = onnx::cat(graph, {large, onnx::slice(graph, grid, 1, partial)}, 1);
  if (block.attention) {
    grid = onnx::times(graph, grid, onnx::sigmoid(graph, block.attention->to_onnx(graph, grid)));
  }
  grid = block.refining->to_onnx(graph, grid);
  if (options_.normalization == "group") {
    grid = onnx::group_norm(graph, grid, kGroups, block.norm.weight, block.norm.bias, kGroupEpsilon);
  }
  return onnx::plus(graph, input, grid);
}

at::Tensor RealplksrUpscaler::answer(const at::Tensor& images) {
  auto grid = (*first_)(images);
  for (const auto& block : blocks_) grid = run(block, grid);
  grid = (*last_)(grid) + at::repeat_interleave(images, options_.scale * options_.scale, 1);
  return dysample_ ? dysample_->forward(grid) : at::pixel_shuffle(grid, options_.scale);
}

OnnxValue RealplksrUpscaler::answer(OnnxGraph& graph, const OnnxValue& images) {
  auto grid = first_->to_onnx(graph, images);
  for (const auto& block : blocks_) grid = run(graph, block, grid);
  std::vector<int64_t> repeated;
  for (int64_t i = 0; i < channels_ * options_.scale * options_.scale; ++i) {
    repeated.push_back(i / (options_.scale * options_.scale));
  }
  const auto pixels = onnx::index_select(graph, images, 1, graph.integers(repeated));
  grid = onnx::plus(graph, last_->to_onnx(graph, grid), pixels);
  return dysample_ ? dysample_->to_onnx(graph, grid) : onnx::pixel_shuffle(graph, grid, options_.scale);
}

RowRange RealplksrUpscaler::seen_by(RowRange rows) const {
  const int64_t in_block = 2 + options_.kernel / 2 + (options_.attention ? 1 : 0);
  return rows.before_enlarging(options_.scale)
      .widened(options_.blocks * in_block + 2 + (dysample_ ? kDySampleReachPx : 0));
}

}  // namespace forger
