#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

#include "core/item_rows.h"

namespace forger {

/// Random numbers that belong to items (images, latents) and not to a batch: row i of a draw is a function of the seed,
/// of the number of draws before it and of i. How many rows are drawn, by how many threads and for which device makes
/// no difference. Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). Copies share the
/// count of draws, as copies of an `at::Generator` do. With `rows`, what is drawn is for these rows of a batch.
class ItemRandom {
 public:
  explicit ItemRandom(uint64_t seed, const ItemRows& rows = {})
      : state_(std::make_shared<State>(State{seed})), rows_(rows) {}

  /// float32 `sizes` on the CPU, row i for item i, in [low, high).
  at::Tensor uniform(at::IntArrayRef sizes, double low = 0, double high = 1) const;
  /// The same, with mean 0 and deviation 1 (Box and Muller 1958).
  at::Tensor normal(at::IntArrayRef sizes) const;
  /// A whole number from 0 to below `count`, the same for all items.
  int64_t whole(int64_t count) const;
  /// Draws of its own, as many as it likes, that count as one draw here.
  ItemRandom branch() const;
  /// The same draws for whole batches, or for what belongs to no item.
  ItemRandom for_all() const;

 private:
  struct State {
    uint64_t seed = 0;
    uint64_t draws = 0;
  };
  uint64_t next_key() const;

  std::shared_ptr<State> state_;
  ItemRows rows_;
};

}  // namespace forger
