#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <vector>

namespace forger {

/// The endless order in which items are shown: one permutation of all after another, each a function of seed
/// and epoch.
class DataOrder {
 public:
  DataOrder(int64_t size, uint64_t seed) : size_(size), seed_(seed) {}
  /// Items that are parts of pictures (`pictures[i]`: that of item i), of which only `window` may be open at once:
  /// pictures come in a random order, and the parts of so many of them are shuffled together.
  DataOrder(const std::vector<int64_t>& pictures, int64_t window, uint64_t seed);

  /// The item at a position, 0 or more.
  int64_t item_at(int64_t position);
  /// Whether the image at a position is mirrored: every second one, by chance.
  bool is_mirrored(int64_t position) const;
  /// What a set that varies draws the item at a position from.
  uint64_t draw_at(int64_t position) const;

 private:
  at::Tensor permutation(int64_t epoch) const;

  int64_t size_;
  uint64_t seed_;
  std::vector<std::vector<int64_t>> parts_;  // of each picture; empty where items are pictures
  int64_t window_ = 1;
  std::map<int64_t, at::Tensor> permutations_;  // of the epochs in use
};

}  // namespace forger
