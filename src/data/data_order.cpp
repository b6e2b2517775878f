#include "data/data_order.h"

#include <ATen/ops/randperm.h>

#include "core/random.h"

namespace forger {

int64_t DataOrder::item_at(int64_t position) {
  const int64_t epoch = position / size_;
  auto found = permutations_.find(epoch);
  if (found == permutations_.end()) {
    // Reading ahead needs this epoch and the next; what is older was left behind (or comes again after a
    // seek).
    if (permutations_.size() >= 2) permutations_.clear();
    const auto random = make_random(derive_seed(seed_, Stream::data_order, static_cast<uint64_t>(epoch)));
    found = permutations_.emplace(epoch, at::randperm(size_, random, at::TensorOptions(at::kLong))).first;
  }
  return found->second.const_data_ptr<int64_t>()[position % size_];
}

bool DataOrder::is_mirrored(int64_t position) const {
  return (derive_seed(seed_, Stream::data_augmentation, static_cast<uint64_t>(position)) & 1) != 0;
}

}  // namespace forger
