#include "serve/event_log.h"

#include <fmt/format.h>

namespace forger {
namespace {

/// Whoever reads slower begins anew.
constexpr size_t kMostBytes = 4 << 20;

}  // namespace

EventLog::EventLog()
    : last_(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
                .count()) {}

void EventLog::add(std::string_view name, std::string_view data) {
  {
    const std::lock_guard lock(mutex_);
    ++last_;
    events_.push_back(fmt::format("id: {}\nevent: {}\ndata: {}\n\n", last_, name, data));
    bytes_ += events_.back().size();
    while (bytes_ > kMostBytes && events_.size() > 1) {
      bytes_ -= events_.front().size();
      events_.pop_front();
    }
  }
  news_.notify_all();
}

int64_t EventLog::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

std::optional<EventLog::News> EventLog::after(int64_t seen, std::chrono::milliseconds wait) const {
  std::unique_lock lock(mutex_);
  const auto known = [&] { return seen <= last_ && seen >= last_ - static_cast<int64_t>(events_.size()); };
  if (!known()) return std::nullopt;
  news_.wait_for(lock, wait, [&] { return last_ > seen || closed_; });
  if (!known()) return std::nullopt;
  News news{.text = {}, .last = last_};
  for (auto i = static_cast<size_t>(seen - (last_ - static_cast<int64_t>(events_.size()))); i < events_.size(); ++i) {
    news.text += events_[i];
  }
  return news;
}

void EventLog::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  news_.notify_all();
}

bool EventLog::is_closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

}  // namespace forger
