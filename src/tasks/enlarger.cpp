#include "tasks/enlarger.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "core/memory.h"
#include "core/torch.h"
#include "image/grid.h"
#include "networks/label_map.h"
#include "players/precision.h"

namespace forger {
namespace {

/// What a network makes lies in [-1, 1], a little beyond at edges. This is one and a half ranges beyond.
constexpr double kFarthest = 4;
/// Pixels by which colours grow into what is not to be seen, one by one.
constexpr int64_t kFilledPx = 4;
constexpr int64_t kTurns = 8;

at::Tensor enlarged_bicubically(const at::Tensor& images, int64_t scale) {
  if (scale == 1) return images;
  return at::_upsample_bicubic2d_aa(images, {scale * images.size(2), scale * images.size(3)}, /*align_corners=*/false,
                                    std::nullopt, std::nullopt);
}

/// Turn or flip `number` of eight; the first is none.
at::Tensor turned(const at::Tensor& images, int64_t number) {
  const auto flipped = number >= 4 ? images.flip(3) : images;
  return at::rot90(flipped, number % 4, {2, 3});
}

at::Tensor turned_back(const at::Tensor& images, int64_t number) {
  const auto upright = at::rot90(images, -(number % 4), {2, 3});
  return number >= 4 ? upright.flip(3) : upright;
}

/// Where alpha is 0, the mean of the visible colours beside it.
at::Tensor filled_in(at::Tensor colors, const at::Tensor& alpha) {
  auto visible = alpha.gt(0).to(at::kFloat);
  if (visible.min().item<float>() > 0 || visible.max().item<float>() == 0) return colors;
  const auto around = [](const at::Tensor& images) {
    return at::avg_pool2d(images, 3, 1, 1, /*ceil_mode=*/false, /*count_include_pad=*/true, 1);
  };
  for (int64_t i = 0; i < kFilledPx; ++i) {
    const auto weight = around(visible);
    const auto mean = around(colors * visible) / weight.clamp_min(1e-6);
    const auto grows = visible.eq(0).logical_and(weight.gt(0));
    colors = at::where(grows, mean, colors);
    visible = at::where(grows, at::ones_like(visible), visible);
  }
  return colors;
}

}  // namespace

Enlarger::Enlarger(std::shared_ptr<ImageGenerator> network, int64_t channels, c10::Device device,
                   const EnlargerOptions& options)
    : network_(std::move(network)), channels_(channels), device_(device), options_(options) {
  const bool may_be_4 = changes_kind();
  for (const int64_t count : {channels, may_be_4 ? options.source_channels : channels}) {
    if (count == 1 || count == 3 || (count == 4 && may_be_4)) continue;
    fail("received a model of {} channels, accepted: {}", count, may_be_4 ? "1, 3, 4" : "1, 3");
  }
}

void Enlarger::draw(std::optional<uint64_t> seed) {
  network_->draw_in_evaluation(seed.has_value());
  if (seed) network_->use_random(ItemRandom(*seed));
}

ImageRule Enlarger::rule(int64_t channels) const {
  ImageRule rule = network_->rule();
  if (changes_kind()) return rule;
  constexpr int64_t kBicubicReach = 2;
  if (channels > channels_ && rule.scale > 1) rule.halo_px = std::max(rule.halo_px, kBicubicReach);
  if (channels == 4) rule.halo_px += kFilledPx;
  return rule;
}

at::Tensor Enlarger::made_of(const at::Tensor& images, bool bfloat16) {
  const Precision precision(device_, bfloat16);
  return network_->forward(images);
}

at::Tensor Enlarger::checked(const at::Tensor& images) {
  const auto is_fine = [](const at::Tensor& made) { return made.abs().max().item<double>() <= kFarthest; };
  auto made = made_of(images, options_.bfloat16);
  if (is_fine(made)) return made;
  if (options_.bfloat16) {
    made = made_of(images, false);
    again_ += images.size(0);
    if (is_fine(made)) return made;
  }
  fail("the model gives numbers that are no colours, in float32, too: up to {:.3g} where 1 is white",
       made.abs().max().item<double>());
}

/// Images in [0, 1] of the network's channels, on the CPU.
at::Tensor Enlarger::through_network(const at::Tensor& images) {
  const auto floats = images.to(device_).mul(2).sub(1);
  const auto input = options_.kinds > 0 ? as_kind_channels(floats, options_.kinds) : floats;
  const int64_t turns = options_.tta ? kTurns : 1;
  at::Tensor sum;
  for (int64_t i = 0; i < turns; ++i) {
    const auto made = turned_back(checked(turned(input, i).contiguous(at::MemoryFormat::ChannelsLast)), i);
    sum = sum.defined() ? sum + made : made;
  }
  return (sum / static_cast<double>(2 * turns) + 0.5).to(at::kCPU);
}

at::Tensor Enlarger::colors_of(const at::Tensor& colors) {
  if (colors.size(1) == channels_) return through_network(colors);
  if (colors.size(1) == 1) return luma_of(through_network(colors.expand({-1, 3, -1, -1})));
  const auto luma = luma_of(colors);
  const auto made = through_network(luma);
  const auto others = at::cat({colors.narrow(1, 0, 1) - luma, colors.narrow(1, 2, 1) - luma}, 1);
  const auto differences = enlarged_bicubically(others, network_->rule().scale);
  const auto red = made + differences.narrow(1, 0, 1), blue = made + differences.narrow(1, 1, 1);
  return at::cat({red, (made - red * kLumaOfRed - blue * kLumaOfBlue) / kLumaOfGreen, blue}, 1);
}

/// Images in [0, 1] in the channels that the network takes. Alpha that comes is opaque.
at::Tensor Enlarger::as_source(const at::Tensor& images, bool is_grey) const {
  const auto colors = images.narrow(1, 0, is_grey ? 1 : std::min<int64_t>(images.size(1), 3));
  if (options_.source_channels == 1) return colors.size(1) == 1 ? colors : luma_of(colors);
  auto rgb = colors.expand({-1, 3, -1, -1});
  if (options_.source_channels == 3) return rgb;
  return at::cat({rgb, images.size(1) == 4 ? images.narrow(1, 3, 1) : at::ones_like(rgb.narrow(1, 0, 1))}, 1);
}

at::Tensor Enlarger::enlarge(const at::Tensor& tiles, bool is_grey) {
  const c10::InferenceMode no_gradients;
  const double white = tiles.scalar_type() == at::kByte ? 255 : 65535;
  const auto unit = tiles.to(at::kFloat).div(white);
  if (changes_kind()) return through_network(as_source(unit, is_grey));
  const int64_t channels = unit.size(1);
  const auto colors = unit.narrow(1, 0, is_grey ? 1 : std::min<int64_t>(channels, 3));
  if (channels != 4) return colors_of(colors);
  const auto alpha = unit.narrow(1, 3, 1);
  const auto made = colors_of(filled_in(colors, alpha));
  return at::cat({made, enlarged_bicubically(alpha, network_->rule().scale).clamp(0, 1)}, 1);
}

int64_t Enlarger::bytes_per_pixel() {
  if (bytes_per_pixel_ > 0) return bytes_per_pixel_;
  constexpr int64_t kSide = 32;
  const int64_t side = std::max(kSide, network_->rule().multiple_px);  // smaller ones would be filled up
  // What convolutions take besides, beyond LibTorch's sight.
  constexpr double kUnseen = 1.5;
  const auto grey = at::full({1, 3, side, side}, 127, at::kByte);
  const auto bytes = peak_tensor_bytes([&] { enlarge(grey, false); });
  return bytes_per_pixel_ =
             std::max<int64_t>(static_cast<int64_t>(kUnseen * static_cast<double>(bytes)), 1) / (side * side) + 1;
}

Tiling tiling_for(const ImageRule& rule, int64_t tile_px) {
  constexpr int64_t kMostHidden = 64, kBlended = 32;
  const bool hides = rule.halo_px <= kMostHidden;
  const int64_t margin = std::max(hides ? rule.halo_px : kBlended, rule.multiple_px - 1);
  tile_px = std::max(tile_px, rule.multiple_px);
  return {.height_px = tile_px + 2 * margin,
          .width_px = tile_px + 2 * margin,
          .channels = 0,
          .rule = rule,
          .seams = hides ? Tiling::Seams::hidden : Tiling::Seams::blended,
          .margin_px = margin};
}

}  // namespace forger
