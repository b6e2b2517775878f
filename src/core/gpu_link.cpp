#include "core/gpu_link.h"

#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <chrono>
#include <cstdlib>
#include <future>
#include <limits>
#include <thread>
#include <utility>

#include "core/clock.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/torch.h"

namespace forger {
namespace {

using std::chrono::steady_clock;

constexpr double kLookSeconds = 1;
/// Most messages arrive within this time; who waits longer leaves the processor to others.
constexpr double kBusySeconds = 1e-3;
constexpr auto kNap = std::chrono::microseconds(50);

}  // namespace

GpuLink::GpuLink(std::shared_ptr<Nccl> nccl, const std::string& invitation, int64_t rank, int64_t size,
                 c10::Device device, std::function<void()> look, double seconds)
    : nccl_(std::move(nccl)), size_(size), device_(device), look_(std::move(look)), patience_(seconds) {
  join(invitation, rank, seconds);
  try {
    expect_to_arrive(rank);
  } catch (...) {
    abort();  // else its end would wait for those who have gone on
    throw;
  }
  patience_ = std::numeric_limits<double>::infinity();
}

/// In a thread that is left alone where nobody comes: NCCL knows no limit.
void GpuLink::join(const std::string& invitation, int64_t rank, double seconds) {
  std::packaged_task<void()> task([nccl = nccl_, device = device_, size = size_, invitation, rank] {
    const c10::DeviceGuard guard(device);
    nccl->join(invitation, rank, size);
  });
  auto joined = task.get_future();
  const auto start = steady_clock::now();
  std::thread(std::move(task)).detach();
  while (joined.wait_for(std::chrono::duration<double>(kLookSeconds)) != std::future_status::ready) {
    look_();
    if (seconds_since(start) > seconds) fail("NCCL found not all within {:g} s", seconds);
  }
  joined.get();
}

void GpuLink::expect_to_arrive(int64_t rank) const {
  torch::NoGradGuard no_grad;
  // So small that their sums are exact in float32, however many there are.
  const auto numbers = at::arange(1024, at::kFloat).remainder(7) + 1;
  const auto ranks = at::arange(size_, at::kFloat).view({-1, 1}), shares = ranks.remainder(8) + 1;
  const auto mine = (numbers + static_cast<double>(rank)).to(device_);
  const auto all = gather(mine.view({1, -1}));
  share(mine);
  const auto added = mine * shares[rank].item<double>();
  sum(added);
  const auto arrived = [](const at::Tensor& received, const at::Tensor& sent) {
    return at::equal(received.cpu(), sent);
  };
  if (!arrived(all, numbers + ranks) || !arrived(mine, numbers) || !arrived(added, numbers * shares.sum()))
    fail("other numbers arrived by NCCL than were sent");
}

void GpuLink::sum(const at::Tensor& numbers) const {
  send([&](void* stream) { nccl_->sum(numbers, stream); });
}

at::Tensor GpuLink::gather(const at::Tensor& rows) const {
  auto shape = rows.sizes().vec();
  shape[0] *= size_;
  auto all = at::empty(shape, rows.options());
  send([&](void* stream) { nccl_->gather(rows, all, stream); });
  return all;
}

void GpuLink::share(const at::Tensor& numbers) const {
  send([&](void* stream) { nccl_->share(numbers, stream); });
}

template <class Send>
void GpuLink::send(const Send& send) const {
  const c10::DeviceGuard guard(device_);
  const auto stream = c10::impl::VirtualGuardImpl(device_.type()).getStream(device_);
  send(device_.is_cpu() ? nullptr : stream.native_handle());  // numbers in main memory have no stream
  try {
    wait(stream);
  } catch (...) {
    nccl_->abort();  // else the GPU itself would wait on
    throw;
  }
}

void GpuLink::wait(const c10::Stream& stream) const {
  const auto start = steady_clock::now();
  auto looked = start;
  while (!stream.query()) {
    if (seconds_since(start) < kBusySeconds) {
      std::this_thread::yield();
      continue;
    }
    std::this_thread::sleep_for(kNap);
    if (seconds_since(looked) < kLookSeconds) continue;
    looked = steady_clock::now();
    nccl_->expect_no_error();
    look_();
    if (seconds_since(start) > patience_) fail("nothing arrived by NCCL within {:g} s", patience_);
  }
  nccl_->expect_no_error();
}

Gpu gpu_at(c10::Device device) {
  if (!device.is_cuda()) return {.device = device, .name = ""};
  std::string name = read_file("/proc/sys/kernel/random/boot_id") + device.str();
  for (const char* variable : {"CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"}) {
    const char* value = std::getenv(variable);
    name += std::string("\n") + (value == nullptr ? "" : value);
  }
  return {.device = device, .name = name};
}

}  // namespace forger
