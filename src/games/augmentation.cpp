#include "games/augmentation.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/where.h>

namespace forger {
namespace {

/// What the numbers drawn for each image are for. All are drawn in every call, so that switching one kind of
/// change on leaves the others' numbers as they are.
enum Draw : int64_t {
  flip_chosen,
  color_chosen,
  brightness,
  saturation,
  contrast,
  translation_chosen,
  translation_y,
  translation_x,
  cutout_chosen,
  cutout_y,
  cutout_x,
  draw_count
};

/// Numbers in [0, 1), `[N, draw_count]`, and what is made of them, each `[N, 1]`.
class Draws {
 public:
  Draws(const at::Tensor& images, ItemRandom random)
      : numbers_(random.uniform({images.size(0), draw_count}).to(images.device())) {}

  at::Tensor chosen(Draw draw, double probability) const { return of(draw) < probability; }
  at::Tensor uniform(Draw draw, double low, double high) const { return of(draw) * (high - low) + low; }
  /// A whole number in [0, count).
  at::Tensor whole(Draw draw, int64_t count) const { return (of(draw) * count).floor().to(at::kLong); }

 private:
  at::Tensor of(Draw draw) const { return numbers_.narrow(1, draw, 1); }

  at::Tensor numbers_;
};

/// Brightness (x + b, b in [-1/2, 1/2)), saturation (away from the pixel's grey by a factor in [0, 2)) and
/// contrast (away from the image's mean by a factor in [1/2, 3/2)), one after the other, worked out into one
/// linear map: y = k s x + k (1 - s) grey + (1 - k) mean + b. Alpha stays as it is.
at::Tensor change_color(const at::Tensor& images, const Draws& draws, double probability) {
  const auto chosen = draws.chosen(color_chosen, probability);
  const auto b = at::where(chosen, draws.uniform(brightness, -0.5, 0.5), 0.0);
  const auto s = at::where(chosen, draws.uniform(saturation, 0, 2), 1.0);
  const auto k = at::where(chosen, draws.uniform(contrast, 0.5, 1.5), 1.0);
  const auto per_image = [&](const at::Tensor& value) { return value.to(images.dtype()).view({-1, 1, 1, 1}); };

  const bool has_alpha = images.size(1) == 4;
  const auto colors = has_alpha ? images.narrow(1, 0, 3) : images;
  const auto grey = colors.mean(1, /*keepdim=*/true);
  const auto mean = grey.mean({2, 3}, /*keepdim=*/true);
  const auto offset = grey * per_image(k * (1 - s)) + (mean * per_image(1 - k) + per_image(b));
  const auto factor = per_image(k * s);
  if (!has_alpha) return images * factor + offset;

  const auto is_color = (at::arange(4, images.options()) < 3).to(images.dtype()).view({1, 4, 1, 1});
  return images * (factor * is_color + (1 - is_color)) + offset * is_color;
}

/// Which positions lie in [0, length).
at::Tensor inside(const at::Tensor& positions, int64_t length) {
  return (positions >= 0).logical_and(positions < length);
}

/// Rows `[N, H]` and columns `[N, W]` -> `[N, 1, H, W]`: the pixels where both hold.
at::Tensor rectangle(const at::Tensor& rows, const at::Tensor& columns) {
  return rows.unsqueeze(2).logical_and(columns.unsqueeze(1)).unsqueeze(1);
}

/// An eighth of the side, rounded.
int64_t reach_of(int64_t side_px) { return static_cast<int64_t>(static_cast<double>(side_px) * 0.125 + 0.5); }

/// Flips and shifts, in one gather. `visible` becomes the pixels that came from inside the image; the others
/// show the border and are for the caller to blank.
at::Tensor move_pixels(const at::Tensor& images, const Draws& draws, const AugmentationOptions& options,
                       at::Tensor& visible) {
  const int64_t count = images.size(0), channels = images.size(1), height = images.size(2), width = images.size(3);
  const auto integers = images.options().dtype(at::kLong);
  auto rows = at::arange(height, integers).expand({count, height});
  auto columns = at::arange(width, integers).expand({count, width});
  if (options.translation > 0) {
    const auto chosen = draws.chosen(translation_chosen, options.translation);
    const auto shift = [&](Draw draw, int64_t reach) {
      return at::where(chosen, draws.whole(draw, 2 * reach + 1) - reach, 0);
    };
    rows = rows - shift(translation_y, reach_of(height));
    columns = columns - shift(translation_x, reach_of(width));
    visible = rectangle(inside(rows, height), inside(columns, width));
    rows = rows.clamp(0, height - 1);
    columns = columns.clamp(0, width - 1);
  }
  if (options.flip > 0) {
    columns = at::where(draws.chosen(flip_chosen, options.flip), width - 1 - columns, columns);
  }
  const auto source = (rows.unsqueeze(2) * width + columns.unsqueeze(1)).view({count, height * width, 1});
  return images.permute({0, 2, 3, 1})
      .reshape({count, height * width, channels})
      .gather(1, source.expand({-1, -1, channels}))
      .view({count, height, width, channels})
      .permute({0, 3, 1, 2});
}

/// The pixels outside a rectangle of half the sides whose centre lies anywhere in the image, `[N, 1, H, W]`.
at::Tensor outside_cutout(const at::Tensor& images, const Draws& draws, double probability) {
  const auto covered = [&](Draw draw, int64_t side_px) {
    const int64_t size = (side_px + 1) / 2;
    const auto begin = draws.whole(draw, side_px + 1 - size % 2) - size / 2;
    return inside(at::arange(side_px, begin.options()) - begin, size);
  };
  const auto hole = rectangle(covered(cutout_y, images.size(2)), covered(cutout_x, images.size(3)));
  const auto chosen = draws.chosen(cutout_chosen, probability).view({-1, 1, 1, 1});
  return hole.logical_and(chosen).logical_not();
}

/// Everything but noise.
at::Tensor transformed(const at::Tensor& images, const AugmentationOptions& options, const ItemRandom& random,
                       int64_t source_channels, bool sources_are_kinds) {
  const bool moves = options.flip > 0 || options.translation > 0;
  const bool is_point = images.size(2) == 1 && images.size(3) == 1;
  if (is_point || !(moves || options.color > 0 || options.cutout > 0)) return images;

  const Draws draws(images, random);
  auto changed = images;
  if (options.color > 0 && source_channels == 0) changed = change_color(changed, draws, options.color);
  if (options.color > 0 && source_channels > 0) {
    const auto sides = changed.split_with_sizes({source_channels, changed.size(1) - source_channels}, 1);
    const auto sources = sources_are_kinds ? sides[0] : change_color(sides[0], draws, options.color);
    changed = at::cat({sources, change_color(sides[1], draws, options.color)}, 1);
  }
  at::Tensor visible;
  if (moves) changed = move_pixels(changed, draws, options, visible);
  if (options.cutout > 0) {
    const auto kept = outside_cutout(images, draws, options.cutout);
    visible = visible.defined() ? visible.logical_and(kept) : kept;
  }
  if (visible.defined()) changed = changed * visible.to(changed.dtype());
  return changed.contiguous(images.suggest_memory_format());
}

}  // namespace

at::Tensor augment(const at::Tensor& images, const AugmentationOptions& options, ItemRandom random,
                   int64_t source_channels, bool sources_are_kinds) {
  auto changed = transformed(images, options, random, source_channels, sources_are_kinds);
  if (options.noise == 0) return changed;
  const auto noise = random.normal(images.sizes());
  return changed + options.noise * noise.to(images.options());
}

}  // namespace forger
