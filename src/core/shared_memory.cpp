#include "core/shared_memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <random>
#include <thread>

#include "core/clock.h"
#include "core/torch.h"

namespace forger {
namespace {

constexpr size_t kLine = 64;
/// A message travels in pieces that stay in a processor's cache.
constexpr size_t kMostPieceBytes = size_t{512} << 10, kMostSharedBytes = size_t{128} << 20;
/// From so many bytes on, each process adds up its part only.
constexpr int64_t kLargeBytes = 32 << 10;
/// Those who have a processor each look so long for the others before they sleep: waking up takes longer than most
/// waits.
constexpr double kLookoutSeconds = 2e-3;
constexpr int kGlances = 64, kNoFile = -1;
constexpr int64_t kBlock = 1024;
constexpr timespec kLookEvery{1, 0};

/// A way through the numbers of several tensors, one after the other.
template <class Number>
class Way {
 public:
  explicit Way(const std::vector<at::Tensor>& tensors) : tensors_(tensors) {
    for (const auto& tensor : tensors) left_ += tensor.numel();
  }

  int64_t left() const { return left_; }
  /// Goes on by `count` numbers, and calls `visit` with the place of each stretch of them and its length.
  template <class Visit>
  void go(int64_t count, Visit visit) {
    left_ -= count;
    while (count > 0) {
      const auto& tensor = tensors_[at_];
      TORCH_INTERNAL_ASSERT(tensor.is_non_overlapping_and_dense());
      const int64_t stretch = std::min(count, tensor.numel() - done_);
      visit(tensor.template data_ptr<Number>() + done_, stretch);
      count -= stretch;
      done_ += stretch;
      if (done_ == tensor.numel()) {
        ++at_;
        done_ = 0;
      }
    }
  }

 private:
  const std::vector<at::Tensor>& tensors_;
  size_t at_ = 0;
  int64_t done_ = 0, left_ = 0;
};

/// Whether it woke up within the time.
bool sleep_while(std::atomic<uint32_t>& word, uint32_t value) {
  return ::syscall(SYS_futex, &word, FUTEX_WAIT, value, &kLookEvery, nullptr, 0) == 0 || errno != ETIMEDOUT;
}

void wake_all(std::atomic<uint32_t>& word) { ::syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0); }

void rest() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

size_t most_piece_bytes(int64_t size) {
  return std::min(kMostPieceBytes, kMostSharedBytes / (2 * static_cast<size_t>(size)) / kLine * kLine);
}

}  // namespace

/// What a process writes of itself, in a cache line of its own.
struct alignas(kLine) SharedMemory::Seat {
  /// How often it has come to meet the others.
  std::atomic<uint32_t> times;
  pid_t process;
};
static_assert(std::atomic<uint32_t>::is_always_lock_free);

SharedMemory::SharedMemory(int file, int64_t rank, int64_t size, std::function<void()> look)
    : file_(file), rank_(rank), size_(size), look_(std::move(look)), piece_bytes_(most_piece_bytes(size)) {
  bytes_ = kLine + static_cast<size_t>(size) * (sizeof(Seat) + 2 * piece_bytes_);
  processes_.assign(static_cast<size_t>(size), kNoFile);
}

SharedMemory::~SharedMemory() {
  if (memory_ != nullptr) ::munmap(memory_, bytes_);
  ::close(file_);
  for (const int process : processes_) {
    if (process != kNoFile) ::close(process);
  }
}

bool SharedMemory::map() {
  void* memory = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
  if (memory == MAP_FAILED) return false;
  memory_ = static_cast<char*>(memory);
  return true;
}

SharedMemory::Seat& SharedMemory::seat(int64_t rank) const { return reinterpret_cast<Seat*>(memory_ + kLine)[rank]; }

std::unique_ptr<SharedMemory> SharedMemory::make(int64_t size, std::function<void()> look) {
  const int file = ::memfd_create("forger", MFD_CLOEXEC);
  if (file < 0) return nullptr;
  std::unique_ptr<SharedMemory> memory(new SharedMemory(file, 0, size, std::move(look)));
  if (::posix_fallocate(file, 0, static_cast<off_t>(memory->bytes_)) != 0 || !memory->map()) return nullptr;
  std::random_device device;
  const uint64_t token = uint64_t{device()} << 32 | device();
  std::memcpy(memory->memory_, &token, sizeof(token));
  memory->seat(0).process = ::getpid();
  memory->address_ = fmt::format("/proc/{}/fd/{} {}", ::getpid(), file, token);
  return memory;
}

std::unique_ptr<SharedMemory> SharedMemory::open(const std::string& address, int64_t rank, int64_t size,
                                                 std::function<void()> look) {
  const auto space = address.find(' ');
  if (space == std::string::npos) return nullptr;
  const int file = ::open(address.substr(0, space).c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return nullptr;
  std::unique_ptr<SharedMemory> memory(new SharedMemory(file, rank, size, std::move(look)));
  if (::lseek(file, 0, SEEK_END) != static_cast<off_t>(memory->bytes_) || !memory->map()) return nullptr;
  uint64_t token = 0;
  std::memcpy(&token, memory->memory_, sizeof(token));
  if (std::to_string(token) != address.substr(space + 1)) return nullptr;  // another machine's, of the same name
  memory->seat(rank).process = ::getpid();
  return memory;
}

bool SharedMemory::has_ended(int64_t rank) {
  auto& process = processes_[static_cast<size_t>(rank)];
  if (process == kNoFile) {
    process = static_cast<int>(::syscall(SYS_pidfd_open, seat(rank).process, 0));
    if (process == kNoFile) return errno == ESRCH;
  }
  pollfd ended{process, POLLIN, 0};
  return ::poll(&ended, 1, 0) == 1;
}

void SharedMemory::meet() {
  auto& mine = seat(rank_).times;
  const uint32_t now = mine.fetch_add(1, std::memory_order_acq_rel) + 1;
  wake_all(mine);
  const bool has_processor = size_ <= static_cast<int64_t>(std::thread::hardware_concurrency());
  const auto start = std::chrono::steady_clock::now();
  for (int64_t other = 0; other < size_; ++other) {
    auto& its = seat(other).times;
    const auto is_there = [&] { return static_cast<int32_t>(its.load(std::memory_order_acquire) - now) >= 0; };
    while (has_processor && !is_there() && seconds_since(start) < kLookoutSeconds) {
      for (int i = 0; i < kGlances && !is_there(); ++i) rest();
    }
    while (!is_there()) {
      const uint32_t seen = its.load(std::memory_order_acquire);
      if (static_cast<int32_t>(seen - now) < 0 && !sleep_while(its, seen)) look_();
    }
  }
}

char* SharedMemory::place(int64_t rank) const {
  char* first = memory_ + kLine + static_cast<size_t>(size_) * sizeof(Seat);
  return first + static_cast<size_t>(messages_ % 2 * size_ + rank) * piece_bytes_;
}

template <class Number>
void SharedMemory::add_up(int64_t first, int64_t count, double factor, Number* result) const {
  std::array<Number, kBlock> sums;
  for (int64_t done = 0; done < count; done += kBlock) {
    const int64_t block = std::min<int64_t>(kBlock, count - done);
    std::fill_n(sums.begin(), block, Number{0});
    for (int64_t rank = 0; rank < size_; ++rank) {
      const auto* its = reinterpret_cast<const Number*>(place(rank)) + first + done;
      for (int64_t i = 0; i < block; ++i) sums[static_cast<size_t>(i)] += its[i];
    }
    for (int64_t i = 0; i < block; ++i) result[done + i] = sums[static_cast<size_t>(i)] * static_cast<Number>(factor);
  }
}

template <class Number>
void SharedMemory::sum_as(const std::vector<at::Tensor>& numbers, double factor) {
  Way<Number> out(numbers), in(numbers);
  const auto numbers_of = [&](int64_t rank) { return reinterpret_cast<Number*>(place(rank)); };
  const auto most = static_cast<int64_t>(piece_bytes_ / sizeof(Number));
  while (const int64_t piece = std::min(most, out.left())) {
    ++messages_;
    out.go(piece, [to = numbers_of(rank_)](Number* part, int64_t count) mutable { to = std::copy_n(part, count, to); });
    meet();
    if (piece * static_cast<int64_t>(sizeof(Number)) < kLargeBytes) {
      in.go(piece, [&, first = int64_t{0}](Number* part, int64_t count) mutable {
        add_up(first, count, factor, part);
        first += count;
      });
      continue;
    }
    const auto first_of = [&](int64_t rank) { return piece * rank / size_; };
    // Nobody else reads this process's part of its own place before all meet again.
    add_up(first_of(rank_), first_of(rank_ + 1) - first_of(rank_), factor, numbers_of(rank_) + first_of(rank_));
    meet();
    for (int64_t rank = 0; rank < size_; ++rank) {
      const Number* from = numbers_of(rank) + first_of(rank);
      in.go(first_of(rank + 1) - first_of(rank), [&](Number* part, int64_t count) {
        std::copy_n(from, count, part);
        from += count;
      });
    }
  }
}

void SharedMemory::sum(const std::vector<at::Tensor>& numbers, double factor) {
  if (numbers.empty()) return;
  switch (numbers[0].scalar_type()) {
    case at::kLong:
      TORCH_INTERNAL_ASSERT(factor == 1, "whole numbers have no mean");
      return sum_as<int64_t>(numbers, factor);
    case at::kDouble: return sum_as<double>(numbers, factor);
    default: return sum_as<float>(numbers, factor);
  }
}

void SharedMemory::gather(const at::Tensor& rows, const at::Tensor& all) {
  TORCH_INTERNAL_ASSERT(rows.is_contiguous() && all.is_contiguous());
  const auto* mine = static_cast<const char*>(rows.data_ptr());
  auto* to = static_cast<char*>(all.data_ptr());
  for (size_t begin = 0; begin < rows.nbytes(); begin += piece_bytes_) {
    const size_t piece = std::min(piece_bytes_, rows.nbytes() - begin);
    ++messages_;
    std::memcpy(place(rank_), mine + begin, piece);
    meet();
    for (int64_t rank = 0; rank < size_; ++rank) {
      std::memcpy(to + static_cast<size_t>(rank) * rows.nbytes() + begin, place(rank), piece);
    }
  }
}

void SharedMemory::share(const at::Tensor& numbers) {
  TORCH_INTERNAL_ASSERT(numbers.is_contiguous());
  auto* its = static_cast<char*>(numbers.data_ptr());
  for (size_t begin = 0; begin < numbers.nbytes(); begin += piece_bytes_) {
    const size_t piece = std::min(piece_bytes_, numbers.nbytes() - begin);
    ++messages_;
    if (rank_ == 0) std::memcpy(place(0), its + begin, piece);
    meet();
    if (rank_ != 0) std::memcpy(its + begin, place(0), piece);
  }
}

}  // namespace forger
