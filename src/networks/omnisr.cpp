#include "networks/omnisr.h"

#include <cmath>

#include "core/fail.h"
#include "core/torch.h"

namespace forger {
namespace {

constexpr int64_t kWindowPx = 8, kHeads = 4, kSqueezing = 4, kFewestWeighing = 16, kFewestPx = 16;
constexpr double kPlaceEpsilon = 1e-5, kChannelEpsilon = 1e-6;
/// Reckoned with where the whole image has a say.
constexpr int64_t kUsualReachPx = 32;

at::Tensor normalized(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias, double epsilon) {
  return at::layer_norm(input, weight.sizes(), weight, bias, epsilon);
}

/// An image cut into squares: `[N, C, rows, across a square, columns, across a square]`. Near: neighbours are in a
/// square; far: a square holds one pixel of each part of the image.
at::Tensor cut(const at::Tensor& input, bool near) {
  const int64_t rows = input.size(2) / kWindowPx, columns = input.size(3) / kWindowPx;
  if (near) return input.reshape({input.size(0), input.size(1), rows, kWindowPx, columns, kWindowPx});
  return input.reshape({input.size(0), input.size(1), kWindowPx, rows, kWindowPx, columns}).permute({0, 1, 3, 2, 5, 4});
}

/// Back again.
at::Tensor joined(const at::Tensor& squares, bool near) {
  const int64_t height = squares.size(2) * kWindowPx, width = squares.size(4) * kWindowPx;
  return (near ? squares : squares.permute({0, 1, 3, 2, 5, 4}))
      .reshape({squares.size(0), squares.size(1), height, width})
      .contiguous(at::MemoryFormat::ChannelsLast);
}

/// For each two places of a square, which distance they have.
at::Tensor distances(const at::Device& device) {
  const auto place = at::arange(kWindowPx * kWindowPx, at::TensorOptions().dtype(at::kLong).device(device));
  const auto row = place.div(kWindowPx, "floor"), column = place.remainder(kWindowPx);
  const auto apart = [](const at::Tensor& along) { return along.unsqueeze(1) - along.unsqueeze(0) + kWindowPx - 1; };
  return apart(row) * (2 * kWindowPx - 1) + apart(column);
}

std::shared_ptr<Convolution> point(torch::nn::Module& owner, const char* name, int64_t inputs, int64_t outputs,
                                   bool bias, const at::Generator& random) {
  const ConvolutionOptions options{.inputs = inputs, .outputs = outputs, .kernel = 1, .padding = 0, .bias = bias};
  return add<Convolution>(owner, name, options, random);
}

/// 3x3, each channel for itself.
std::shared_ptr<Convolution> deep(torch::nn::Module& owner, const char* name, int64_t channels, bool bias,
                                  const at::Generator& random) {
  const ConvolutionOptions options{.inputs = channels, .outputs = channels, .groups = channels, .bias = bias};
  return add<Convolution>(owner, name, options, random);
}

}  // namespace

OmnisrUpscaler::Block OmnisrUpscaler::add_block(torch::nn::Module& owner, const at::Generator& random) const {
  const int64_t features = options_.features;
  const auto list = add<torch::nn::Module>(owner, "residual_layer");
  const auto layers = add<torch::nn::Module>(*add<torch::nn::Module>(*list, "0"), "layer");
  Block block;
  const auto mixing = add<torch::nn::Module>(*add<torch::nn::Module>(*layers, "0"), "fn");
  block.widen = point(*mixing, "0", features, features, true, random);
  block.deep = deep(*mixing, "2", features, true, random);
  const auto gate = add<torch::nn::Module>(*add<torch::nn::Module>(*mixing, "4"), "gate");
  const auto linear = [&](torch::nn::Module& in, const char* name, int64_t inputs, int64_t outputs) {
    return add<Linear>(in, name, LinearOptions{.inputs = inputs, .outputs = outputs, .bias = false}, random);
  };
  block.squeeze = linear(*gate, "1", features, features / kSqueezing);
  block.excite = linear(*gate, "3", features / kSqueezing, features);
  block.narrow = point(*mixing, "5", features, features, true, random);
  const auto part = [&](const char* number, Norm& norm) {
    const auto layer = add<torch::nn::Module>(*layers, number);
    const auto module = add<torch::nn::Module>(*layer, "norm");
    norm = {module->register_parameter("weight", at::ones({features})),
            module->register_parameter("bias", at::zeros({features}))};
    return add<torch::nn::Module>(*layer, "fn");
  };
  const auto places = [&](const char* number, PlaceAttention& attention) {
    const auto fn = part(number, attention.norm);
    attention.in = linear(*fn, "to_qkv", features, 3 * features);
    attention.out = linear(*add<torch::nn::Module>(*fn, "to_out"), "0", features, features);
    constexpr int64_t kDistances = (2 * kWindowPx - 1) * (2 * kWindowPx - 1);
    attention.bias =
        add<torch::nn::Module>(*fn, "rel_pos_bias")->register_parameter("weight", at::zeros({kDistances, kHeads}));
  };
  const auto channels = [&](const char* number, ChannelAttention& attention) {
    const auto fn = part(number, attention.norm);
    attention.temperature = fn->register_parameter("temperature", at::ones({kHeads, 1, 1}));
    attention.in = point(*fn, "qkv", features, 3 * features, false, random);
    attention.deep = deep(*fn, "qkv_dwconv", 3 * features, false, random);
    attention.out = point(*fn, "project_out", features, features, false, random);
  };
  const auto gated = [&](const char* number) {
    auto& next = block.gated.emplace_back();
    const auto fn = part(number, next.norm);
    next.in = point(*fn, "project_in", features, 2 * features, false, random);
    next.deep = deep(*fn, "dwconv", 2 * features, false, random);
    next.out = point(*fn, "project_out", features, features, false, random);
  };
  places("2", block.near_places);
  gated("4");
  channels("5", block.near_channels);
  gated("6");
  places("8", block.far_places);
  gated("10");
  channels("11", block.far_channels);
  gated("12");
  block.joint = point(*list, "1", features, features, true, random);
  const auto esa = add<torch::nn::Module>(owner, "esa");
  const int64_t few = std::max(features / 4, kFewestWeighing);
  block.first = point(*esa, "conv1", features, few, true, random);
  block.shallow = point(*esa, "conv_f", few, few, true, random);
  block.halving = add<Convolution>(
      *esa, "conv2", ConvolutionOptions{.inputs = few, .outputs = few, .stride = 2, .padding = 0}, random);
  block.coarse = add<Convolution>(*esa, "conv3", ConvolutionOptions{.inputs = few, .outputs = few}, random);
  block.last = point(*esa, "conv4", few, features, true, random);
  return block;
}

OmnisrUpscaler::OmnisrUpscaler(const UpscalerOptions& options, int64_t channels_in, int64_t channels_out,
                               const at::Generator& random)
    : Upscaler(options, channels_in, channels_out) {
  if (options.features % (kHeads * kSqueezing) != 0) {
    fail("upscaler.features: received {} with the network \"omnisr\", accepted: a multiple of {}", options.features,
         kHeads * kSqueezing);
  }
  const int64_t features = options.features, outputs = channels_out * options.scale * options.scale;
  const auto groups = add<torch::nn::Module>(*this, "residual_layer");
  for (int64_t i = 0; i < options.blocks; ++i) {
    blocks_.push_back(add_block(*add<torch::nn::Module>(*groups, std::to_string(i)), random));
  }
  first_ = add_flat_convolution(*this, "input", channels_in, features, 3, random);
  behind_blocks_ = add_flat_convolution(*this, "output", features, features, 3, random);
  last_ = add_flat_convolution(*add<torch::nn::Module>(*this, "up"), "0", features, outputs, 3, random);
}

at::Tensor OmnisrUpscaler::run(const Gated& gated, const at::Tensor& input) const {
  const auto normal = normalized(input.permute({0, 2, 3, 1}), gated.norm.weight, gated.norm.bias, kChannelEpsilon);
  const auto halves = (*gated.deep)((*gated.in)(normal.permute({0, 3, 1, 2}))).chunk(2, 1);
  return input + (*gated.out)(at::gelu(halves[0]) * halves[1]);
}

at::Tensor OmnisrUpscaler::run(const PlaceAttention& attention, const at::Tensor& input, bool near) const {
  const int64_t features = options_.features, depth = features / kHeads, places = kWindowPx * kWindowPx;
  // [N, rows, columns, place, C], as the layers see it.
  const auto squares = cut(input, near).permute({0, 2, 4, 3, 5, 1});
  const auto normal = normalized(squares, attention.norm.weight, attention.norm.bias, kPlaceEpsilon);
  const auto heads = [&](const at::Tensor& numbers) {
    return numbers.reshape({-1, places, kHeads, depth}).transpose(1, 2);
  };
  const auto parts = (*attention.in)(normal.reshape({-1, places, features})).chunk(3, -1);
  const auto query = heads(parts[0]) / std::sqrt(static_cast<double>(depth));
  const auto bias = attention.bias.index_select(0, distances(input.device()).flatten())
                        .view({places, places, kHeads})
                        .permute({2, 0, 1});
  const auto weights = at::softmax(at::matmul(query, heads(parts[1]).transpose(-2, -1)) + bias, -1);
  const auto made = at::matmul(weights.to(parts[2].scalar_type()), heads(parts[2])).transpose(1, 2);
  const auto answer = (*attention.out)(made.reshape({-1, places, features})).reshape(squares.sizes());
  return joined((squares + answer).permute({0, 5, 1, 3, 2, 4}), near);
}

at::Tensor OmnisrUpscaler::run(const ChannelAttention& attention, const at::Tensor& input, bool near) const {
  const int64_t features = options_.features, depth = features / kHeads;
  const auto normal =
      normalized(input.permute({0, 2, 3, 1}), attention.norm.weight, attention.norm.bias, kChannelEpsilon);
  const auto parts = (*attention.deep)((*attention.in)(normal.permute({0, 3, 1, 2}))).chunk(3, 1);
  const auto first = cut(parts[0], near);
  const int64_t count = input.size(0), rows = first.size(2), columns = first.size(4);
  // Near, channels are compared over the pixels of a square; far, over one pixel of each square.
  const auto heads = [&](const at::Tensor& numbers) {
    return cut(numbers, near).permute({0, 2, 4, 1, 3, 5}).reshape({-1, kHeads, depth, kWindowPx * kWindowPx});
  };
  const auto unit = [](const at::Tensor& numbers) {
    return numbers / numbers.norm(2, {-1}, /*keepdim=*/true).clamp_min(1e-12);
  };
  const auto likeness = at::matmul(unit(heads(parts[0])), unit(heads(parts[1])).transpose(-2, -1));
  const auto weights = at::softmax(likeness * attention.temperature, -1);
  const auto made = at::matmul(weights.to(parts[2].scalar_type()), heads(parts[2]))
                        .reshape({count, rows, columns, features, kWindowPx, kWindowPx})
                        .permute({0, 3, 1, 4, 2, 5});
  return input + (*attention.out)(joined(made, near));
}

at::Tensor OmnisrUpscaler::weighed(const Block& block, const at::Tensor& input) const {
  const auto first = (*block.first)(input);
  const auto coarse = (*block.coarse)(at::max_pool2d((*block.halving)(first), {7, 7}, {3, 3}));
  const auto spread = at::upsample_bilinear2d(coarse, {input.size(2), input.size(3)}, /*align_corners=*/false);
  return input * at::sigmoid((*block.last)(spread + (*block.shallow)(first)));
}

at::Tensor OmnisrUpscaler::run(const Block& block, const at::Tensor& input) const {
  const auto deep = at::gelu((*block.deep)(at::gelu((*block.widen)(input))));
  const auto gate = at::sigmoid((*block.excite)(at::silu((*block.squeeze)(deep.mean({2, 3})))));
  auto grid = input + (*block.narrow)(deep * gate.unsqueeze(2).unsqueeze(3));
  grid = run(block.gated[0], run(block.near_places, grid, true));
  grid = run(block.gated[1], run(block.near_channels, grid, true));
  grid = run(block.gated[2], run(block.far_places, grid, false));
  grid = run(block.gated[3], run(block.far_channels, grid, false));
  return weighed(block, input + (*block.joint)(grid));
}

at::Tensor OmnisrUpscaler::answer(const at::Tensor& images) {
  const auto whole = [](int64_t side) { return std::max((side + kWindowPx - 1) / kWindowPx * kWindowPx, kFewestPx); };
  const int64_t height = images.size(2), width = images.size(3);
  const auto padded = at::constant_pad_nd(images, {0, whole(width) - width, 0, whole(height) - height})
                          .contiguous(at::MemoryFormat::ChannelsLast);
  const auto start = (*first_)(padded);
  auto grid = start;
  for (const auto& block : blocks_) grid = run(block, grid);
  grid = at::pixel_shuffle((*last_)(behind_blocks_->added(grid, start, 1)), options_.scale);
  return grid.slice(2, 0, options_.scale * height).slice(3, 0, options_.scale * width);
}

ImageRule OmnisrUpscaler::rule() const {
  auto rule = Upscaler::rule();
  rule.multiple_px = kWindowPx;
  return rule;
}

RowRange OmnisrUpscaler::seen_by(RowRange rows) const {
  return rows.before_enlarging(options_.scale).widened(kUsualReachPx);
}

}  // namespace forger
