#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "data/item_loader.h"

namespace forger {

/// An item, and what it is drawn from where the set varies.
struct DrawnItem {
  int64_t index = 0;
  uint64_t draw = 0;
};

/// A batch being decoded: its items' bytes one after another.
struct DecodedBatch {
  int64_t position = 0;
  /// How far the next batch is from it, in items of the order: more than these where others take some.
  int64_t count = 0;
  std::vector<DrawnItem> items;
  std::vector<uint8_t> bytes;
  std::vector<int64_t> labels;

  // Under ReadAhead's mutex.
  size_t claimed = 0;
  size_t finished = 0;
  std::exception_ptr failure;
};

/// Threads that decode batches in the order in which they were asked for. Items of one batch are shared among
/// all.
class ReadAhead {
 public:
  ReadAhead(ItemLoader& loader, int64_t workers);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// Asks for a batch; returns at once.
  void ask(int64_t position, int64_t count, std::vector<DrawnItem> items);
  /// Batches asked for and not yet taken.
  size_t pending() const { return batches_.size(); }
  /// Whether the oldest of them begins at this position and has this size.
  bool begins_with(int64_t position, int64_t count) const;
  /// Position after the last of them.
  int64_t end() const { return batches_.back()->position + batches_.back()->count; }
  /// Waits for the oldest batch. Throws what its decoding threw.
  std::shared_ptr<DecodedBatch> take();
  /// Forgets all of them.
  void clear();

 private:
  void work();

  ItemLoader& loader_;
  std::mutex mutex_;
  std::condition_variable asked_;
  std::condition_variable finished_;
  std::deque<std::shared_ptr<DecodedBatch>> batches_;  // changed by the owner's thread only
  bool stop_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace forger
