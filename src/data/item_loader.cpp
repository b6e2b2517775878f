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
  std::string first;
  for (int64_t i = 0; i < size_; ++i) {
    try {
      const Item item = dataset_->get(i, kFixedDraw);
      shape_ = {item.image.size(0), item.image.size(1), item.image.size(2)};
      if (item.source.defined()) source_shape_ = {item.source.size(0), item.source.size(1), item.source.size(2)};
      has_points_ = item.image.is_floating_point();
      return;
    } catch (const Error& error) {
      if (first.empty()) first = error.what();  // `load` will find it bad again and give it its place in the account
    }
  }
  fail("data: none of {} images can be read; the first: {}", size_, first);
}

bool ItemLoader::load(int64_t index, uint64_t draw, uint8_t* bytes, int64_t& label) {
  if (is_bad(index)) return false;
  try {
    const Item item = dataset_->get(index, draw);
    const auto write = [](const at::Tensor& image, uint8_t* to, int64_t count) {
      const at::Tensor interleaved = image.permute({1, 2, 0}).contiguous();
      std::memcpy(to, interleaved.const_data_ptr(), static_cast<size_t>(count));
    };
    write(item.image, bytes, image_bytes());
    if (item.source.defined()) write(item.source, bytes + image_bytes(), source_shape_.numbers());
    label = item.label;
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

void ItemLoader::load_or_successor(int64_t index, uint64_t draw, uint8_t* bytes, int64_t& label) {
  for (int64_t tried = 0; tried < size_; ++tried) {
    if (load((index + tried) % size_, draw, bytes, label)) return;
  }
  check_bad();
  fail("data: none of {} images can be read", size_);
}

void ItemLoader::check_bad() const {
  const int64_t bad = bad_count_;
  if (static_cast<double>(bad) <= max_bad_ * static_cast<double>(size_) && bad < size_) return;
  const std::lock_guard lock(mutex_);
  fail("data: {} of {} images cannot be read, accepted: at most {:.3g} % (data.max_bad): {}{}; data check lists all",
       bad, size_, 100 * max_bad_, join(first_bad_, "; "), bad > static_cast<int64_t>(first_bad_.size()) ? "; …" : "");
}

std::vector<std::string> ItemLoader::take_bad() {
  auto bad = dataset_->take_bad();
  const std::lock_guard lock(mutex_);
  bad.insert(bad.end(), untold_bad_.begin(), untold_bad_.end());
  untold_bad_.clear();
  return bad;
}

}  // namespace forger
