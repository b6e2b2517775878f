#pragma once

#include <ATen/core/Tensor.h>

namespace forger {

/// Float images `[N, C, H, W]` in [-1, 1] -> uint8 of the same shape, rounded to the nearest level and clamped.
at::Tensor to_bytes(const at::Tensor& images);

/// The inverse: uint8 -> float32 in [-1, 1].
at::Tensor to_floats(const at::Tensor& pixels);

/// ITU-R BT.601.
inline constexpr double kLumaOfRed = 0.299, kLumaOfGreen = 0.587, kLumaOfBlue = 0.114;

/// Luma `[N, 1, H, W]` of float images `[N, 3 or more, H, W]` of red, green and blue, as `to_channels` has it.
at::Tensor luma_of(const at::Tensor& rgb);

/// Between the images of a grid, and around them.
inline constexpr int64_t kGridGapPx = 2;

/// uint8 images `[N, C, H, W]` side by side in one uint8 picture `[C, height, width]` with thin gaps, as near to a
/// square as N allows unless `columns` says otherwise.
at::Tensor image_grid(const at::Tensor& pixels, int64_t columns = 0);

/// Points `[N, 2]` drawn into a square uint8 picture `[3, side_px, side_px]` that shows [-range, range] on both axes.
at::Tensor scatter_picture(const at::Tensor& points, double range, int64_t side_px = 512);

/// Half the side of the square around the origin in which points `[N, 2, 1, 1]` are shown: it holds all but the
/// outermost few, and is a round number.
double plane_range(const at::Tensor& points);

/// How many times larger than they are small images stand in a sample picture.
int64_t enlargement(int64_t height, int64_t width);

/// What a person wants to see of a batch of samples (float, as a generator returns them): a grid of images (small ones
/// enlarged by whole factors, pixels unblurred; `columns` as for image_grid), or, for points, a scatter picture.
at::Tensor sample_picture(const at::Tensor& samples, int64_t columns = 0);

}  // namespace forger
