#include "games/foreign_parts.h"

#include <numbers>

#include "core/torch.h"
#include "image/blur.h"

namespace forger {
namespace {

constexpr double kWhole = 0.1, kCurves = 0.35, kEllipses = 0.5, kOpaque = 0.5;
/// A pixel that changes by less than this in [-1, 1] in every channel is not called foreign: eight grey levels.
constexpr double kVisible = 0.0625;
/// Cells of the noise whose heights bound the blobs, along a side: few make large and smooth ones.
constexpr int64_t kCells[] = {3, 6};

/// Numbers for each image, on its device.
class Chances {
 public:
  Chances(const at::Tensor& like, ItemRandom random) : like_(like), random_(std::move(random)) {}

  at::Tensor uniform(at::IntArrayRef sizes, double low, double high) {
    return random_.uniform(sizes, low, high).to(like_.device());
  }
  /// One number for each image, `[N, 1, 1, 1]`.
  at::Tensor each(double low, double high) { return uniform({like_.size(0), 1, 1, 1}, low, high); }
  at::Tensor chosen(double probability) { return each(0, 1) < probability; }
  at::Tensor normal(at::IntArrayRef sizes) { return random_.normal(sizes).to(like_.device()); }
  /// A whole number below `count`, the same for all images.
  int64_t whole(int64_t count) { return random_.whole(count); }

 private:
  const at::Tensor& like_;
  ItemRandom random_;
};

/// `[N, 1, H, W]`: the highest parts of smooth noise within a window.
at::Tensor blobs(int64_t height, int64_t width, int64_t count, Chances& chances) {
  const int64_t cells = kCells[chances.whole(std::size(kCells))];
  const auto heights = at::upsample_bicubic2d(chances.normal({count, 1, cells, cells}), {height, width}, false);
  const auto share = chances.each(0.02, 0.25).view({-1, 1});
  const auto rank = ((1 - share) * static_cast<double>(height * width)).to(at::kLong).clamp_max(height * width - 1);
  const auto level = std::get<0>(heights.flatten(1).sort(1)).gather(1, rank).view({-1, 1, 1, 1});
  const auto window = [&](int64_t side, at::IntArrayRef along) {
    const auto length = chances.each(0.25, 0.8) * static_cast<double>(side);
    const auto first = chances.each(0, 1) * (static_cast<double>(side) - length);
    const auto pixels = at::arange(side, heights.options()).view(along);
    return (pixels >= first).logical_and(pixels < first + length);
  };
  const auto rows = window(height, {1, 1, -1, 1}), columns = window(width, {1, 1, 1, -1});
  return (heights >= level).logical_and(rows).logical_and(columns);
}

/// `[N, 1, H, W]`: turned by any angle, up to twice as long as wide.
at::Tensor ellipses(int64_t height, int64_t width, const at::Tensor& like, Chances& chances) {
  const auto area = chances.each(0.01, 0.15) * static_cast<double>(height * width) / std::numbers::pi;
  const auto aspect = chances.each(-std::numbers::ln2, std::numbers::ln2).exp();
  const auto angle = chances.each(0, std::numbers::pi);
  const auto along = [&](int64_t side) {
    return at::arange(side, like.options().dtype(at::kFloat)) - chances.each(0, static_cast<double>(side));
  };
  const auto y = along(height).transpose(2, 3), x = along(width);
  const auto forth = x * angle.cos() + y * angle.sin(), aside = y * angle.cos() - x * angle.sin();
  return forth.square() / (area * aspect) + aside.square() / (area / aspect) <= 1;
}

/// `[N, 1, H, W]`: thin, a little bent.
at::Tensor curves(int64_t height, int64_t width, const at::Tensor& like, Chances& chances) {
  const auto side = static_cast<double>(std::min(height, width));
  const auto along = [&](int64_t pixels) {
    return (at::arange(pixels, like.options().dtype(at::kFloat)) - static_cast<double>(pixels - 1) / 2) * (2 / side);
  };
  const auto angle = chances.each(0, 2 * std::numbers::pi);
  const auto y = along(height).view({1, 1, -1, 1}) - chances.each(-0.8, 0.8);
  const auto x = along(width).view({1, 1, 1, -1}) - chances.each(-0.8, 0.8);
  const auto forth = x * angle.cos() + y * angle.sin();
  const auto aside = y * angle.cos() - x * angle.sin() + chances.each(-0.5, 0.5) * forth.square();
  const auto half_width = chances.each(0.5, 1.5) * (2 / side) * std::max(1.0, side / 48);
  return (aside.abs() < half_width).logical_and(forth.abs() < chances.each(0.2, 0.9));
}

/// Each image's pixels moved around by whole pixels, and mirrored in some.
at::Tensor displaced(const at::Tensor& images, double share, bool mirror, Chances& chances) {
  const auto moved = [&](int64_t side, at::IntArrayRef along) {
    const auto shift = (chances.each(-share, share) * static_cast<double>(side)).round().to(at::kLong);
    auto pixels = at::arange(side, shift.options()).view(along);
    if (mirror) pixels = at::where(chances.chosen(0.5), side - 1 - pixels, pixels);
    return (pixels + shift).remainder(side);
  };
  const auto rows = moved(images.size(2), {1, 1, -1, 1}), columns = moved(images.size(3), {1, 1, 1, -1});
  const auto places = (rows * images.size(3) + columns).expand({-1, images.size(1), -1, -1}).flatten(2);
  return images.flatten(2).gather(2, places).view(images.sizes());
}

}  // namespace

ForeignParts with_foreign_parts(const at::Tensor& images, ItemRandom random) {
  torch::NoGradGuard no_grad;
  const auto originals = images.to(at::kFloat).contiguous();
  const int64_t count = images.size(0), height = images.size(2), width = images.size(3);
  const auto side = static_cast<double>(std::min(height, width));
  Chances chances(originals, std::move(random));

  const auto thick = at::where(chances.chosen(kEllipses), ellipses(height, width, originals, chances),
                               blobs(height, width, count, chances));
  const auto changed = at::where(chances.chosen(kCurves), curves(height, width, originals, chances), thick)
                           .logical_and(chances.chosen(kWhole).logical_not());

  const auto others = displaced(originals.roll(1, 0), 1, true, chances);
  const auto sign = at::where(chances.chosen(0.2), -1.0, 1.0);
  const auto levels = at::where(chances.chosen(0.5), at::where(chances.chosen(0.5), -1.0, 1.0),
                                chances.uniform({count, images.size(1), 1, 1}, -1, 1));
  const auto noise = blurred(chances.normal(originals.sizes()), 0.7) * chances.each(0.2, 1.7);
  const std::vector<at::Tensor> fillings = {
      (((others + 1) * chances.each(0.6, 1.4) - 1).clamp(-1, 1) * sign),
      levels.expand_as(originals),
      blurred(originals, side * (0.02 + 0.02 * static_cast<double>(chances.whole(5)))),
      (originals + noise).clamp(-1, 1),
      displaced(originals, 0.2, false, chances),
  };
  const auto choice = chances.each(0, static_cast<double>(fillings.size())).to(at::kLong);
  auto filling = fillings[0];
  for (size_t i = 1; i < fillings.size(); ++i) {
    filling = at::where(choice == static_cast<int64_t>(i), fillings[i], filling);
  }
  const auto opacity = at::where(chances.chosen(kOpaque), 1.0, chances.each(0.4, 1));
  const auto mixed = at::where(changed, originals + opacity * (filling - originals), originals);
  const auto visible = (mixed - originals).abs().amax(1, /*keepdim=*/true) > kVisible;
  return {mixed.contiguous(at::MemoryFormat::ChannelsLast), visible.to(at::kFloat)};
}

}  // namespace forger
