#include "data/item_loader.h"

#include <cstring>
#include <utility>

#include "core/fail.h"
#include "core/text.h"

namespace forger {
namespace {

constexpr size_t kNamesInErrors = 3;

}  // namespace

ItemLoader::ItemLoader(std::shared_ptr<const Dataset> dataset, double max_bad)
    : dataset_(std::move(dataset)), max_bad_(max_bad), size_(dataset_->size()), bad_(static_cast<size_t>(size_)) {
  if (size_ == 0) fail("data: no image is left to train on");
  for (int64_t i = 0; i < size_; ++i) {
    try {
      const Sample sample = dataset_->get(i);
      shape_ = {sample.pixels.size(0), sample.pixels.size(1), sample.pixels.size(2)};
      has_points_ = sample.pixels.is_floating_point();
      return;
    } catch (const Error&) {
      // `load` will find it bad again and give it its place in the account.
    }
  }
  fail("data: none of {} images can be read; the first: {}", size_, dataset_->name(0));
}

bool ItemLoader::load(int64_t index, uint8_t* bytes, int64_t& label) {
  if (is_bad(index)) return false;
  try {
    const Sample sample = dataset_->get(index);
    const at::Tensor interleaved = sample.pixels.permute({1, 2, 0}).contiguous();
    std::memcpy(bytes, interleaved.const_data_ptr(), static_cast<size_t>(item_bytes()));
    label = sample.label;
    return true;
  } catch (const Error& error) {
    if (bad_[static_cast<size_t>(index)].exchange(true)) return false;
    ++bad_count_;
    const std::lock_guard lock(mutex_);
    if (first_bad_.size() < kNamesInErrors) first_bad_.emplace_back(error.what());
    untold_bad_.emplace_back(error.what());
    return false;
  }
}

void ItemLoader::load_or_successor(int64_t index, uint8_t* bytes, int64_t& label) {
  for (int64_t tried = 0; tried < size_; ++tried) {
    if (load((index + tried) % size_, bytes, label)) return;
  }
  check_bad();
  fail("data: none of {} images can be read", size_);
}

void ItemLoader::check_bad() const {
  const int64_t bad = bad_count_;
  if (static_cast<double>(bad) <= max_bad_ * static_cast<double>(size_) && bad < size_) return;
  const std::lock_guard lock(mutex_);
  fail(
      "data: {} of {} images cannot be read, accepted: at most {:.3g} % (data.max_bad): {}{}; `forger data "
      "check` lists all",
      bad, size_, 100 * max_bad_, join(first_bad_, "; "), bad > static_cast<int64_t>(first_bad_.size()) ? "; …" : "");
}

std::vector<std::string> ItemLoader::take_bad() {
  const std::lock_guard lock(mutex_);
  return std::exchange(untold_bad_, {});
}

}  // namespace forger
