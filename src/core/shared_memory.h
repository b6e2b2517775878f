#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace forger {

/// Memory of processes of one machine, through which they exchange numbers without a network between. All of them call
/// the same functions in the same order. While one waits for the others it calls `look` once a second; what that throws
/// ends the wait.
class SharedMemory {
 public:
  /// Rank 0's, for `size` processes; null where the system gives none.
  static std::unique_ptr<SharedMemory> make(int64_t size, std::function<void()> look);
  /// The one that rank 0 calls `address`, for another rank; null unless it is of this machine.
  static std::unique_ptr<SharedMemory> open(const std::string& address, int64_t rank, int64_t size,
                                            std::function<void()> look);
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  const std::string& address() const { return address_; }

  /// Adds up the numbers of all processes, in the order of their ranks, times `factor` (of int64: 1), in place. Each
  /// tensor without gaps; all of one type: float32, float64 or int64.
  void sum(const std::vector<at::Tensor>& numbers, double factor);
  /// The rows of all processes, into `all`, which has one tensor like `rows` after another. Contiguous.
  void gather(const at::Tensor& rows, const at::Tensor& all);
  /// Gives everyone rank 0's numbers, in place. Contiguous.
  void share(const at::Tensor& numbers);
  /// Whether a process has ended. Known once all have opened the memory.
  bool has_ended(int64_t rank);

 private:
  struct Seat;
  SharedMemory(int file, int64_t rank, int64_t size, std::function<void()> look);

  /// Whether the memory could be had.
  bool map();
  void sit_down();
  Seat& seat(int64_t rank) const;
  /// Returns when all have come here as often as this process.
  void meet();
  /// Where this message of a rank lies. Two messages lie apart, for while one process writes the next, another may read
  /// the last.
  char* place(int64_t rank) const;
  template <class Number>
  void sum_as(const std::vector<at::Tensor>& numbers, double factor);
  /// What all say of `count` numbers of this message, added up, into `result`, which may be this process's own place.
  template <class Number>
  void add_up(int64_t first, int64_t count, double factor, Number* result) const;

  int file_;
  int64_t rank_, size_;
  std::function<void()> look_;
  std::string address_;
  size_t piece_bytes_, bytes_;
  /// A token, the processes' seats, and what they say: two places for each.
  char* memory_ = nullptr;
  int64_t messages_ = 0;
  /// By rank, as they are first asked for; -1 is none.
  std::vector<int> processes_;
};

}  // namespace forger
