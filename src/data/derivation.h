#pragma once

#include "core/item_random.h"
#include "forger/config.h"
#include "image/pixels.h"

namespace forger {

/// Whether one side of the pairs is made of the other.
bool is_derived(const PairsOptions& options);

/// How one side of a pair is made of an image: its edges, grey, blurred, or with a hole.
class Derivation {
 public:
  explicit Derivation(const PairsOptions& options) : options_(options) {}

  /// What is made of an image, of the same size. What is drawn follows from `random`.
  Pixels apply(const Pixels& image, const ItemRandom& random) const;
  /// How far around a pixel lies what it is made from.
  int64_t reach_px() const;
  /// Of what is made of images of so many channels.
  int64_t channels(int64_t of_images) const;
  /// Whether it draws anything.
  bool is_drawn() const { return options_.source == "mask"; }

 private:
  PairsOptions options_;
};

/// Where an image changes most, in the direction of the change, and by `least` levels a pixel or more: 0 (black) there,
/// 255 elsewhere, one channel. The image is made smooth first (a Gaussian of deviation 1), as Canny (1986) has it;
/// there is no second threshold, so what is drawn depends on what is near alone.
Pixels edges_of(const Pixels& image, double least);

}  // namespace forger
