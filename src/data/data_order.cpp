#include "data/data_order.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/randperm.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

#include "core/random.h"

namespace forger {

DataOrder::DataOrder(const std::vector<int64_t>& pictures, int64_t window, uint64_t seed)
    : size_(static_cast<int64_t>(pictures.size())), seed_(seed), window_(std::max<int64_t>(window, 1)) {
  std::map<int64_t, std::vector<int64_t>> parts;
  for (size_t item = 0; item < pictures.size(); ++item) parts[pictures[item]].push_back(static_cast<int64_t>(item));
  for (auto& [picture, items] : parts) parts_.push_back(std::move(items));
}

int64_t DataOrder::item_at(int64_t position) {
  const int64_t epoch = position / size_;
  auto found = permutations_.find(epoch);
  if (found == permutations_.end()) {
    // Reading ahead needs this epoch and the next; what is older was left behind (or comes again after a
    // seek).
    if (permutations_.size() >= 2) permutations_.clear();
    found = permutations_.emplace(epoch, permutation(epoch)).first;
  }
  return found->second.const_data_ptr<int64_t>()[position % size_];
}

at::Tensor DataOrder::permutation(int64_t epoch) const {
  const auto random = make_random(derive_seed(seed_, Stream::data_order, static_cast<uint64_t>(epoch)));
  const auto shuffled = [&](int64_t count) { return at::randperm(count, random, at::TensorOptions(at::kLong)); };
  if (parts_.empty()) return shuffled(size_);
  const auto order = shuffled(static_cast<int64_t>(parts_.size()));
  std::vector<at::Tensor> all;
  for (int64_t first = 0; first < order.size(0); first += window_) {
    std::vector<int64_t> items;
    for (int64_t i = first; i < std::min(first + window_, order.size(0)); ++i) {
      const auto& parts = parts_[static_cast<size_t>(order.const_data_ptr<int64_t>()[i])];
      items.insert(items.end(), parts.begin(), parts.end());
    }
    all.push_back(at::tensor(items, at::kLong).index_select(0, shuffled(static_cast<int64_t>(items.size()))));
  }
  return at::cat(all);
}

bool DataOrder::is_mirrored(int64_t position) const {
  return (derive_seed(seed_, Stream::data_augmentation, static_cast<uint64_t>(position)) & 1) != 0;
}

uint64_t DataOrder::draw_at(int64_t position) const {
  return derive_seed(seed_, Stream::data_draw, static_cast<uint64_t>(position));
}

}  // namespace forger
