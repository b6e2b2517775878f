#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "serve/batcher.h"

namespace forger {

/// How many requests of what kind were answered how, and how long that took.
class RequestCounts {
 public:
  void add(const std::string& task, int status, double seconds);
  /// In the text format of Prometheus (0.0.4), with what the batcher did.
  std::string text(const Batcher::Counts& batches) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, int64_t> answers_;
  struct Time {
    int64_t count = 0;
    double seconds = 0;
  };
  std::map<std::string, Time> times_;
};

}  // namespace forger
