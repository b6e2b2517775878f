#include "serve/batcher.h"

#include <ATen/ops/cat.h>

#include <iterator>
#include <utility>

namespace forger {
namespace {

int64_t rows_of(const Work& work) { return work.inputs.empty() ? 1 : work.inputs.front().size(0); }

}  // namespace

Batcher::Batcher(BatcherOptions options) : options_(options), thread_([this] { run_all(); }) {}

Batcher::~Batcher() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  come_.notify_all();
  thread_.join();
}

std::future<Work::Tensors> Batcher::add(Work work, std::function<bool()> has_left) {
  std::future<Work::Tensors> answer;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= options_.most_waiting) throw BusyError();
    waiting_.push_back({.work = std::move(work), .has_left = std::move(has_left), .answer = {}});
    answer = waiting_.back().answer.get_future();
  }
  come_.notify_all();
  return answer;
}

Batcher::Counts Batcher::counts() const {
  const std::lock_guard lock(mutex_);
  Counts counts = counts_;
  counts.waiting = static_cast<int64_t>(waiting_.size());
  return counts;
}

void Batcher::run_all() {
  while (true) {
    auto together = take_together();
    if (together.empty()) return;
    std::erase_if(together, [](Entry& entry) {
      const bool has_left = entry.has_left && entry.has_left();
      if (has_left) entry.answer.set_value({});
      return has_left;
    });
    if (!together.empty()) run(together);
  }
}

std::vector<Batcher::Entry> Batcher::take_together() {
  std::vector<Entry> together;
  std::unique_lock lock(mutex_);
  come_.wait(lock, [this] { return ends_ || !waiting_.empty(); });
  if (waiting_.empty()) return together;
  int64_t rows = 0;
  const auto take = [&] {
    for (auto entry = waiting_.begin(); entry != waiting_.end() && rows < options_.most_rows;) {
      const bool fits = together.empty() || (entry->work.key == together.front().work.key &&
                                             rows + rows_of(entry->work) <= options_.most_rows);
      if (!fits) {
        ++entry;
        continue;
      }
      rows += rows_of(entry->work);
      together.push_back(std::move(*entry));
      entry = waiting_.erase(entry);
    }
  };
  take();
  // Those who came together last will come together again, as clients do that ask again when they have their answer;
  // one who asks alone does not wait for others who never come.
  const auto until = std::chrono::steady_clock::now() + options_.wait;
  while (together.size() < were_together_ && rows < options_.most_rows && !ends_ &&
         come_.wait_until(lock, until) == std::cv_status::no_timeout) {
    take();
  }
  were_together_ = together.size();
  ++counts_.runs;
  counts_.works += static_cast<int64_t>(together.size());
  counts_.rows += rows;
  return together;
}

void Batcher::run(std::vector<Entry>& together) {
  try {
    Work::Tensors inputs;
    for (size_t i = 0; i < together.front().work.inputs.size(); ++i) {
      std::vector<at::Tensor> parts;
      for (const auto& entry : together) parts.push_back(entry.work.inputs[i]);
      inputs.push_back(parts.size() == 1 ? parts.front() : at::cat(parts));
    }
    const auto outputs = together.front().work.run(inputs);
    int64_t first = 0;
    for (auto& entry : together) {
      const int64_t rows = rows_of(entry.work);
      Work::Tensors own;
      for (const auto& output : outputs) own.push_back(together.size() == 1 ? output : output.narrow(0, first, rows));
      entry.answer.set_value(std::move(own));
      first += rows;
    }
  } catch (...) {
    if (together.size() == 1) return together.front().answer.set_exception(std::current_exception());
    // One must not spoil the others' answers.
    for (auto& entry : together) {
      std::vector<Entry> alone;
      alone.push_back(std::move(entry));
      run(alone);
    }
  }
}

}  // namespace forger
