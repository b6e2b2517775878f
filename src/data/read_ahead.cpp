#include "data/read_ahead.h"

#include <algorithm>
#include <utility>

namespace forger {

ReadAhead::ReadAhead(ItemLoader& loader, int64_t workers) : loader_(loader) {
  for (int64_t i = 0; i < workers; ++i) threads_.emplace_back([this] { work(); });
}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  asked_.notify_all();
  threads_.clear();
}

void ReadAhead::ask(int64_t position, int64_t count, std::vector<DrawnItem> items) {
  auto batch = std::make_shared<DecodedBatch>();
  batch->position = position;
  batch->count = count;
  batch->bytes.resize(items.size() * static_cast<size_t>(loader_.item_bytes()));
  batch->labels.resize(items.size());
  batch->items = std::move(items);
  {
    const std::lock_guard lock(mutex_);
    batches_.push_back(std::move(batch));
  }
  asked_.notify_all();
}

bool ReadAhead::begins_with(int64_t position, int64_t count) const {
  return !batches_.empty() && batches_.front()->position == position && batches_.front()->count == count;
}

std::shared_ptr<DecodedBatch> ReadAhead::take() {
  std::unique_lock lock(mutex_);
  auto batch = batches_.front();
  finished_.wait(lock, [&] { return batch->finished == batch->items.size(); });
  batches_.pop_front();
  if (batch->failure) std::rethrow_exception(batch->failure);
  return batch;
}

void ReadAhead::clear() {
  const std::lock_guard lock(mutex_);
  batches_.clear();
}

void ReadAhead::work() {
  std::unique_lock lock(mutex_);
  const auto is_open = [](const auto& batch) { return batch->claimed < batch->items.size(); };
  while (true) {
    auto open = batches_.end();
    asked_.wait(lock, [&] {
      open = std::find_if(batches_.begin(), batches_.end(), is_open);
      return stop_ || open != batches_.end();
    });
    if (stop_) return;
    const auto batch = *open;
    const size_t place = batch->claimed++;
    lock.unlock();
    std::exception_ptr failure;
    try {
      const size_t item_bytes = static_cast<size_t>(loader_.item_bytes());
      const auto [index, draw] = batch->items[place];
      loader_.load_or_successor(index, draw, batch->bytes.data() + place * item_bytes, batch->labels[place]);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (failure) batch->failure = failure;
    if (++batch->finished == batch->items.size()) finished_.notify_all();
  }
}

}  // namespace forger
