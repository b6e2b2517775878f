#pragma once

#include <ATen/core/Tensor.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace forger {

/// What a model is to be run on.
struct Work {
  using Tensors = std::vector<at::Tensor>;

  /// Works of equal keys may run together: their inputs one behind the other, which `run` takes and gives back outputs
  /// of, as many rows as its inputs have.
  std::string key;
  Tensors inputs;
  std::function<Tensors(const Tensors&)> run;
};

struct BatcherOptions {
  /// Rows that run together at most.
  int64_t most_rows = 64;
  /// How long the first work waits for as many as ran together before.
  std::chrono::microseconds wait{2000};
  /// Works that wait at most, the running ones aside.
  size_t most_waiting = 256;
};

/// That so many works wait already that another one would only wait for nothing.
class BusyError : public std::runtime_error {
 public:
  BusyError() : std::runtime_error("too many requests wait already") {}
};

/// Runs works on a thread of its own, many together where they may. May be used by several threads at once.
class Batcher {
 public:
  explicit Batcher(BatcherOptions options);
  /// Ends once all that wait are done.
  ~Batcher();
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  /// The outputs, or what the run threw. Throws BusyError. Where `has_left` says, once its turn has come, that whoever
  /// asked is gone, it does not run, and the outputs are empty.
  std::future<Work::Tensors> add(Work work, std::function<bool()> has_left = {});

  struct Counts {
    int64_t runs = 0, works = 0, rows = 0;
    int64_t waiting = 0;
  };
  Counts counts() const;

 private:
  struct Entry {
    Work work;
    std::function<bool()> has_left;
    std::promise<Work::Tensors> answer;
  };
  void run_all();
  /// The first work and those behind it that may run with it.
  std::vector<Entry> take_together();
  static void run(std::vector<Entry>& together);

  const BatcherOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable come_;
  std::deque<Entry> waiting_;
  Counts counts_;
  size_t were_together_ = 0;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace forger
