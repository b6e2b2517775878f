#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "commands/live_line.h"

namespace forger::commands {

/// A live line on standard error: how far a call over several items is, and how long it
/// will go on.
class WorkProgress {
 public:
  explicit WorkProgress(int64_t items);

  /// Item `number`, from 0, is done to a share of 0 to 1.
  void show(int64_t number, const std::string& name, double share);
  /// Before anything else is printed.
  void clear() { line_.clear(); }
  /// An item that costs no time; it does not count for the pace.
  void pass_over() { ++passed_over_; }

 private:
  int64_t items_, passed_over_ = 0;
  LiveLine line_{LiveLine::On::error};
  std::chrono::steady_clock::time_point start_;
};

}  // namespace forger::commands
