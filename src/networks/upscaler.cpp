#include "networks/upscaler.h"

#include <ATen/autocast_mode.h>

#include <algorithm>

#include "core/fail.h"
#include "core/plural.h"
#include "core/torch.h"
#include "networks/prelu.h"
#include "onnx/operations.h"

namespace forger {
namespace {

constexpr double kSmallLeakySlope = 0.1;
constexpr double kFirstPreluSlope = 0.25;
/// Pixels around a pixel that bicubic interpolation reads, the most of all.
constexpr int64_t kBaseReachPx = 2;

}  // namespace

Upscaler::Upscaler(const UpscalerOptions& options, int64_t channels_in, int64_t channels_out) : options_(options) {
  if (options.base != "none" && channels_in != channels_out) {
    fail("upscaler.base: received \"{}\" for {} from {}, accepted: none", options.base,
         counted(channels_out, "channel"), channels_in);
  }
}

at::Tensor Upscaler::enlarged(const at::Tensor& images) const {
  const std::vector<int64_t> sides = {options_.scale * images.size(2), options_.scale * images.size(3)};
  if (options_.scale == 1) return images;
  if (options_.base == "nearest") return at::upsample_nearest2d(images, sides);
  if (options_.base == "bilinear") return at::upsample_bilinear2d(images, sides, /*align_corners=*/false);
  return at::upsample_bicubic2d(images, sides, /*align_corners=*/false);
}

at::Tensor Upscaler::forward(const at::Tensor& images) {
  const int64_t height = images.size(2), width = images.size(3);
  const int64_t multiple = options_.unshuffle * grid();
  const auto unit = images.add(1).mul_(0.5);
  const auto whole = filled_up(unit, multiple).contiguous(at::MemoryFormat::ChannelsLast);
  auto made = answer_of(whole).to(images.scalar_type());
  if (options_.base != "none") made = made + enlarged(whole);
  made = made.slice(2, 0, options_.scale * height).slice(3, 0, options_.scale * width);
  return made.mul(2).sub_(1).contiguous(at::MemoryFormat::ChannelsLast);
}

OnnxValue Upscaler::enlarged(OnnxGraph& graph, const OnnxValue& images) const {
  if (options_.scale == 1) return images;
  if (options_.base == "nearest") return onnx::upsample_nearest(graph, images, options_.scale);
  if (options_.base == "bilinear") return onnx::upsample_bilinear(graph, images, options_.scale);
  return onnx::upsample_bicubic(graph, images, options_.scale);
}

OnnxValue Upscaler::to_onnx(OnnxGraph& graph, const OnnxValue& images) {
  const int64_t multiple = options_.unshuffle * grid();
  const auto unit = onnx::times(graph, onnx::plus(graph, images, graph.number(1)), 0.5);
  const auto whole = onnx::filled_up(graph, unit, multiple);
  auto made = answer(graph, whole);
  if (options_.base != "none") made = onnx::plus(graph, made, enlarged(graph, whole));
  if (multiple > 1) made = onnx::cut_to(graph, made, images, options_.scale);
  return onnx::minus(graph, onnx::times(graph, made, 2), graph.number(1));
}

at::Tensor Upscaler::answer_of(const at::Tensor& images) {
  if (!runs_packed(*this, images)) return answer(images);
  // In one dtype throughout: autocast would take some of what stands between the convolutions back to float32.
  const bool casts = at::autocast::is_autocast_enabled(at::kCPU);
  const auto cast = casts ? images.to(at::autocast::get_autocast_dtype(at::kCPU)) : images;
  const c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::autocast_dispatch_keyset);
  return answer(cast);
}

ImageRule Upscaler::rule() const {
  const int64_t unshuffle = options_.unshuffle, multiple = unshuffle * grid();
  int64_t halo = options_.base == "none" ? 0 : kBaseReachPx;
  for (int64_t row = 0; row < multiple; ++row) {
    const auto cells = seen_by({row * options_.scale, (row + 1) * options_.scale - 1});
    halo = std::max({halo, row - cells.first * unshuffle, (cells.last + 1) * unshuffle - 1 - row});
  }
  return {.scale = options_.scale, .multiple_px = multiple, .halo_px = halo};
}

UpscalerOptions without_base(UpscalerOptions options) {
  options.base = "none";
  return options;
}

Activation::Activation(const std::string& name, int64_t channels)
    : kind_(name == "prelu"  ? Kind::prelu
            : name == "relu" ? Kind::relu
                             : Kind::leaky) {
  if (kind_ == Kind::prelu) weight_ = register_parameter("weight", at::full({channels}, kFirstPreluSlope));
}

at::Tensor Activation::forward(const at::Tensor& input) {
  if (kind_ == Kind::prelu) return parametric_relu(input, weight_.to(input.scalar_type()));
  auto output = input;
  return kind_ == Kind::relu ? at::relu_(output) : at::leaky_relu_(output, kSmallLeakySlope);
}

OnnxValue Activation::nodes(OnnxGraph& graph, const OnnxValue& input) {
  if (kind_ == Kind::relu) return onnx::relu(graph, input);
  if (kind_ == Kind::leaky) return onnx::leaky_relu(graph, input, kSmallLeakySlope);
  return graph.node("PRelu", {input, graph.constant(weight_.view({-1, 1, 1}))});
}

}  // namespace forger
