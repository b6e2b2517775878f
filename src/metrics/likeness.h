#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace forger {

/// How alike two images are.
struct Likeness {
  /// Of values scaled to [0, 1].
  double mean_squared_error = 0;
  /// Peak signal-to-noise ratio, -10 log10 of that; 99 for equal images.
  double psnr_db = 0;
  /// Structural similarity (Wang et al. 2004), 1 for equal images: windows weighted by a Gaussian of 1.5 pixels, 11
  /// wide, mean over all places where a whole window fits and over channels. NaN for images with a side under 11
  /// pixels.
  double ssim = 0;
};

/// Images `[N, C, H, W]` in [-1, 1], compared pair by pair.
std::vector<Likeness> compare_images(const at::Tensor& first, const at::Tensor& second);

/// The luma of BT.601 in its range of 16 to 235 of 255, not rounded, of float images `[N, 3, H, W]` in [-1, 1]; in the
/// same form, float64 `[N, 1, H, W]`. Grey images are as they are.
at::Tensor bt601_luma(const at::Tensor& images);

/// Mean of `Likeness::psnr_db` over the pairs, without the cost of the rest.
double mean_psnr_db(const at::Tensor& first, const at::Tensor& second);

}  // namespace forger
