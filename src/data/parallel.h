#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace forger {

/// Threads for decoding: `wished`, or one per processor when that is 0.
inline int64_t worker_count(int64_t wished) {
  const auto processors = static_cast<int64_t>(std::thread::hardware_concurrency());
  return wished > 0 ? wished : processors > 0 ? processors : 1;
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
