#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace forger {

/// What happened lately, for any number of readers, each of whom knows the number of the event that it saw last. An
/// event is composed once, however many read it. May be used by several threads at once.
class EventLog {
 public:
  /// Numbers begin with the time, so that those of an earlier process are too old to be known.
  EventLog();
  /// Adds an event in the form of server-sent events (HTML standard, 9.2): `data` is one line.
  void add(std::string_view name, std::string_view data);
  /// The number of the newest event; before the first, that of none.
  int64_t last() const;

  struct News {
    /// Events one behind the other, as they are sent.
    std::string text;
    /// Number of the last one among them.
    int64_t last = 0;
  };
  /// What came after event `seen`, after waiting for at most `wait`; empty text when nothing did. None when some of it
  /// is no longer known: whoever asks has to begin anew. Returns at once after close().
  std::optional<News> after(int64_t seen, std::chrono::milliseconds wait) const;

  /// No more events: wakes all readers.
  void close();
  bool is_closed() const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable news_;
  std::deque<std::string> events_;
  size_t bytes_ = 0;
  int64_t last_;
  bool closed_ = false;
};

}  // namespace forger
