#pragma once

#include "core/item_random.h"
#include "forger/config.h"
#include "image/float_image.h"

namespace forger {

/// What becomes of an image on its way to a small one: how the sources of super-resolution are made.
class Degradation {
 public:
  /// `scale`: sides of the image over those of the small one.
  Degradation(const DegradationOptions& options, int64_t scale) : options_(options), scale_(scale) {}

  /// An image, whose sides are multiples of the scale, as a small one of 8 bits. What is drawn follows from `random`.
  Pixels apply(const Pixels& image, const ItemRandom& random) const;

  /// How far around a pixel of the small image lies what it is made from, in pixels of the image, rounded up to a
  /// multiple of the scale.
  int64_t reach_px() const;

 private:
  /// One round of blind degradation: blur, resize, noise, JPEG, each drawn; `share` of the options' strengths.
  struct Round {
    double blur_chance, strength;
    double smaller_chance, larger_chance, smallest, largest;
  };
  FloatImage round(FloatImage image, const Round& round, int64_t whole_height, int64_t whole_width,
                   const ItemRandom& random) const;
  FloatImage last_steps(FloatImage image, int64_t height, int64_t width, const ItemRandom& random) const;

  DegradationOptions options_;
  int64_t scale_;
};

/// A blur kernel of `side` times `side` weights that sum to 1: exp(-d^beta / 2), or with `plateau` 1 / (1 + d^beta),
/// where d^2 is the squared distance in units of `sigma_x` and `sigma_y` (pixels) along axes turned by `angle` radians.
std::vector<float> blur_kernel(int64_t side, double sigma_x, double sigma_y, double angle, double beta, bool plateau);

/// The kernel of a circular low-pass filter with the given cut-off in radians a pixel (at most pi), whose ringing
/// resembles that of sharpening: 2-D sinc, weights that sum to 1.
std::vector<float> sinc_kernel(int64_t side, double cutoff);

}  // namespace forger
