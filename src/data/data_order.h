#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>

namespace forger {

/// The endless order in which items are shown: one permutation of all after another, each a function of seed
/// and epoch.
class DataOrder {
 public:
  DataOrder(int64_t size, uint64_t seed) : size_(size), seed_(seed) {}

  /// The item at a position, 0 or more.
  int64_t item_at(int64_t position);
  /// Whether the image at a position is mirrored: every second one, by chance.
  bool is_mirrored(int64_t position) const;

 private:
  int64_t size_;
  uint64_t seed_;
  std::map<int64_t, at::Tensor> permutations_;  // of the epochs in use
};

}  // namespace forger
