#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace forger::commands {

/// One changing line on standard error, where that is a terminal: how far a call over several items is, and how long it
/// will go on.
class WorkProgress {
 public:
  explicit WorkProgress(int64_t items);
  ~WorkProgress();
  WorkProgress(const WorkProgress&) = delete;
  WorkProgress& operator=(const WorkProgress&) = delete;

  /// Item `number`, from 0, is done to a share of 0 to 1.
  void show(int64_t number, const std::string& name, double share);
  /// Before anything else is printed.
  void clear();
  /// An item that costs no time; it does not count for the pace.
  void pass_over() { ++passed_over_; }

 private:
  int64_t items_, passed_over_ = 0;
  bool live_, line_open_ = false;
  std::chrono::steady_clock::time_point start_, shown_;
};

}  // namespace forger::commands
