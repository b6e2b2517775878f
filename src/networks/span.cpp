#include "networks/span.h"

#include "core/fail.h"
#include "core/plural.h"
#include "core/torch.h"
#include "onnx/operations.h"

namespace forger {
namespace {

/// Of red, green and blue in the photographs of DIV2K, in [0, 1].
constexpr float kPhotographMean[] = {0.4488F, 0.4371F, 0.4040F};
constexpr double kCentredRange = 255;

}  // namespace

SpanUpscaler::SpanUpscaler(const UpscalerOptions& options, int64_t channels_in, int64_t channels_out,
                           const at::Generator& random)
    : Upscaler(options, channels_in, channels_out) {
  if (options.centred && channels_in != 3) {
    fail("upscaler.centred: received true for {}, accepted: for 3", counted(channels_in, "channel"));
  }
  if (options.centred) mean_ = at::tensor(at::ArrayRef<float>(kPhotographMean)).view({1, 3, 1, 1});
  const int64_t features = options.features;
  const auto flat = [&](torch::nn::Module& owner, const std::string& name, int64_t inputs = 0) {
    return add_flat_convolution(owner, name, inputs > 0 ? inputs : features, features, 3, random);
  };
  first_ = flat(*this, "conv_1", channels_in);
  for (int64_t i = 1; i <= options.blocks; ++i) {
    const auto block = add<torch::nn::Module>(*this, "block_" + std::to_string(i));
    blocks_.push_back({flat(*block, "c1_r"), flat(*block, "c2_r"), flat(*block, "c3_r")});
  }
  behind_blocks_ = flat(*this, "conv_2");
  joint_ = add_flat_convolution(*this, "conv_cat", 4 * features, features, 1, random);
  const int64_t outputs = channels_out * options.scale * options.scale;
  last_ = add_flat_convolution(*this, "upsampler", features, outputs, 3, random);
}

at::Tensor SpanUpscaler::answer(const at::Tensor& images) {
  const auto start = (*first_)(mean_.defined() ? (images - mean_.to(images.options())).mul_(kCentredRange) : images);
  at::Tensor grid = start, first_made, last_begun;
  for (const auto& block : blocks_) {
    last_begun = at::silu((*block.first)(grid));
    const auto third = (*block.third)(at::silu((*block.second)(last_begun)));
    grid = (third + grid) * (at::sigmoid(third) - 0.5);
    if (!first_made.defined()) first_made = grid;
  }
  const auto joint = (*joint_)(at::cat({start, (*behind_blocks_)(grid), first_made, last_begun}, 1));
  return at::pixel_shuffle((*last_)(joint), options_.scale);
}

OnnxValue SpanUpscaler::answer(OnnxGraph& graph, const OnnxValue& images) {
  auto centred = images;
  if (mean_.defined()) {
    centred = onnx::times(graph, onnx::minus(graph, images, graph.constant(mean_)), kCentredRange);
  }
  const auto start = first_->to_onnx(graph, centred);
  OnnxValue grid = start, first_made, last_begun;
  for (const auto& block : blocks_) {
    last_begun = onnx::silu(graph, block.first->to_onnx(graph, grid));
    const auto third = block.third->to_onnx(graph, onnx::silu(graph, block.second->to_onnx(graph, last_begun)));
    const auto share = onnx::minus(graph, onnx::sigmoid(graph, third), graph.number(0.5));
    grid = onnx::times(graph, onnx::plus(graph, third, grid), share);
    if (!first_made) first_made = grid;
  }
  const auto all = onnx::cat(graph, {start, behind_blocks_->to_onnx(graph, grid), first_made, last_begun}, 1);
  return onnx::pixel_shuffle(graph, last_->to_onnx(graph, joint_->to_onnx(graph, all)), options_.scale);
}

RowRange SpanUpscaler::seen_by(RowRange rows) const {
  return rows.before_enlarging(options_.scale).widened(3 * options_.blocks + 3);
}

}  // namespace forger
