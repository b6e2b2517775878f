#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "core/local_processes.h"

namespace forger {

/// Threads for decoding: `wished`, or one per processor when that is 0, of which processes that work together get each
/// their part.
inline int64_t worker_count(int64_t wished) {
  const auto processors = static_cast<int64_t>(std::thread::hardware_concurrency());
  return wished > 0 ? wished : std::max<int64_t>(processors / local_processes(), 1);
}

/// Runs `work(i)` for every i below `count` on `workers` threads of its own and waits. The first exception
/// stops the rest and is thrown on.
template <class Work>
void parallel_items(int64_t count, int64_t workers, const Work& work) {
  std::atomic<int64_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto run = [&] {
    try {
      for (int64_t i = next++; i < count; i = next++) work(i);
    } catch (...) {
      next = count;
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::jthread> threads;
  for (int64_t i = 0; i < workers; ++i) threads.emplace_back(run);
  threads.clear();  // joins
  if (failure) std::rethrow_exception(failure);
}

}  // namespace forger
