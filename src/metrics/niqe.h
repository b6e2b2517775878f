#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace forger {

/// How natural pictures look without a truth to compare them with: NIQE (Mittal, Soundararajan & Bovik 2013, "Making a
/// completely blind image quality analyzer").

/// Side of the patches, in pixels, and the numbers that describe one.
inline constexpr int64_t kNiqePatch = 96, kNiqeFeatures = 36;

/// What describes the whole patches of a picture, from its upper left corner on.
struct NaturalStatistics {
  /// float64 `[P, kNiqeFeatures]`: fits of the normalised luminance and of its products with four neighbours, at the
  /// picture's scale and at half of it. Flat patches, which have none, are left out.
  at::Tensor features;
  /// float64 `[P]`: the mean local deviation.
  at::Tensor sharpness;
};

/// Of a grey picture `[H, W]` with levels from 0 to 255, any dtype. Smaller than a patch: no patches.
NaturalStatistics natural_statistics(const at::Tensor& grey);

/// The features of patches more than three quarters as sharp as the sharpest of their picture.
at::Tensor sharp_features(const NaturalStatistics& statistics);

/// Patches of photographs, summed up as one Gaussian.
class NaturalModel {
 public:
  /// The fewest patches that a model, and a picture that is measured with it, needs.
  static constexpr int64_t kLeastPatches = kNiqeFeatures + 1, kLeastPatchesMeasured = 2;

  /// `features`: `[P, kNiqeFeatures]` of sharp patches. Throws Error for fewer than `kLeastPatches`.
  explicit NaturalModel(const at::Tensor& features);

  /// NIQE: the distance of a picture's patches, `[P, kNiqeFeatures]`, from those of photographs; lower is better.
  /// Throws Error for fewer than `kLeastPatchesMeasured`.
  double distance(const at::Tensor& features) const;

 private:
  at::Tensor mean_, covariance_;
};

}  // namespace forger
