#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/attendance.h"
#include "core/clock.h"
#include "core/fail.h"
#include "core/gpu_link.h"
#include "core/shared_memory.h"
#include "core/team.h"
#include "core/text.h"
#include "core/torch.h"

namespace forger {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// How long a check takes is not known here; beats say who is alive.
constexpr auto kForever = std::chrono::hours(24 * 365);
/// A wait for the others is broken off so often to look whether they are there.
constexpr auto kLook = milliseconds(1000);

/// The interfaces that GLOO_SOCKET_IFNAME names, by comma, or the one of this address.
std::vector<std::shared_ptr<gloo::transport::Device>> devices(const std::string& address) {
  const char* names = std::getenv("GLOO_SOCKET_IFNAME");
  if (names == nullptr || *names == '\0') {
    if (address.empty()) return {c10d::ProcessGroupGloo::createDefaultDevice()};
    return {c10d::ProcessGroupGloo::createDeviceForHostname(address)};
  }
  std::vector<std::shared_ptr<gloo::transport::Device>> devices;
  for (const auto& name : split(names, ',')) {
    try {
      devices.push_back(c10d::ProcessGroupGloo::createDeviceForInterface(name));
    } catch (const std::exception&) {
      fail("GLOO_SOCKET_IFNAME: received {}, accepted: names of network interfaces that have an address, such as eth0",
           names);
    }
  }
  return devices;
}

/// Why processes with GPUs of these names (none: "") do not each have one of their own; "" where they do.
std::string why_not_apart(const std::vector<std::string>& gpus) {
  for (auto gpu = gpus.begin(); gpu != gpus.end(); ++gpu) {
    if (gpu->empty()) return fmt::format("rank {} has no GPU", gpu - gpus.begin());
    if (const auto same = std::find(gpus.begin(), gpu, *gpu); same != gpu)
      return fmt::format("ranks {} and {} have one GPU", same - gpus.begin(), gpu - gpus.begin());
  }
  return "";
}

class GlooTeam : public Team {
 public:
  explicit GlooTeam(const TeamOptions& options) : Team(options), options_(options), attendance_(options) {
    auto gloo = c10d::ProcessGroupGloo::Options::create();
    gloo->timeout = timeout_of(options);
    gloo->devices = in_team(this, [&] { return devices(attendance_.address()); });
    texts("");  // one that has no device does not come to the connections
    try {
      group_ = c10::make_intrusive<c10d::ProcessGroupGloo>(
          c10::make_intrusive<c10d::PrefixStore>("gloo", attendance_.store()), static_cast<int>(rank()),
          static_cast<int>(size()), gloo);
    } catch (const std::exception& error) {
      attendance_.lost_connection(error.what());
    }
    group_->setTimeout(kForever);
    texts("");  // one that leaves at once would close connections that others still make
    if (options.shares_memory) share_memory();
  }

  ~GlooTeam() override {
    if (!attendance_.is_broken()) return;
    // They may wait for a process that is gone: threads of one, and the end of the other.
    (void)group_.release();
    drop_gpus();
  }

  std::string connect_gpus(const Gpu& mine) override {
    const auto names = texts(mine.name);
    if (std::ranges::all_of(names, &std::string::empty)) return "";
    if (const auto reason = why_not_apart(names); !reason.empty()) return reason;
    std::shared_ptr<Nccl> nccl;
    if (const auto reason = why_not_all([&] { nccl = std::make_shared<Nccl>(mine.library); }); !reason.empty())
      return reason;
    std::string invitation;
    if (const auto reason = why_not_all([&] { invitation = rank() == 0 ? nccl->invitation() : ""; }); !reason.empty())
      return reason;
    invitation = text(invitation);
    const auto look = [this] { attendance_.look(); };
    const auto reason = why_not_all([&] {
      gpus_ = std::make_unique<GpuLink>(nccl, invitation, rank(), size(), mine.device, look, options_.timeout_seconds);
    });
    if (!reason.empty()) drop_gpus();
    return reason;
  }

  using Team::sum;
  void sum(const std::vector<at::Tensor>& numbers, double factor) override {
    const auto is_in_memory = [](const at::Tensor& tensor) {
      return tensor.is_cpu() && tensor.is_non_overlapping_and_dense();
    };
    if (numbers.empty()) return;
    if (memory_ && !goes_by_gpu(numbers[0]) && std::ranges::all_of(numbers, is_in_memory)) {
      memory_->sum(numbers, factor);
      for (const auto& tensor : numbers) count_bytes(static_cast<int64_t>(tensor.nbytes()));
      return;
    }
    Message message(numbers);
    if (goes_by_gpu(message.numbers())) {
      by_gpu([&] { gpus_->sum(message.numbers()); });
      count_bytes(static_cast<int64_t>(message.numbers().nbytes()));
      multiply(message.numbers(), factor);
    } else {
      on_processor(message.numbers(), [&](at::Tensor& there) {
        if (memory_) return memory_->sum({there}, factor);
        std::vector<at::Tensor> sent{there};
        wait(group_->allreduce(sent));
        multiply(there, factor);
      });
    }
    message.deliver();
  }

  bool sums_meanwhile(const at::Tensor& numbers) const override {
    return !memory_ && numbers.is_cpu() && !goes_by_gpu(numbers);
  }

  std::function<void()> begin_sum(const std::vector<at::Tensor>& numbers, double factor) override {
    Message message(numbers);
    std::vector<at::Tensor> sent{message.numbers()};
    auto work = group_->allreduce(sent);
    count_bytes(static_cast<int64_t>(message.numbers().nbytes()));
    return [this, message = std::move(message), work = std::move(work), factor]() mutable {
      wait(work);
      multiply(message.numbers(), factor);
      message.deliver();
    };
  }

  at::Tensor gather(const at::Tensor& rows) override {
    torch::NoGradGuard no_grad;
    if (goes_by_gpu(rows)) {
      const auto mine = rows.detach().contiguous();
      at::Tensor all;
      by_gpu([&] { all = gpus_->gather(mine); });
      count_bytes(static_cast<int64_t>(mine.nbytes()) * (size() - 1));
      return all;
    }
    const auto mine = rows.detach().cpu().contiguous();
    auto shape = mine.sizes().vec();
    shape[0] *= size();
    auto all = at::empty(shape, mine.options());
    if (memory_) {
      memory_->gather(mine, all);
    } else {
      std::vector<std::vector<at::Tensor>> parts{all.chunk(size())};
      std::vector<at::Tensor> message{mine};
      wait(group_->allgather(parts, message));
    }
    count_bytes(static_cast<int64_t>(mine.nbytes()) * (size() - 1));
    return all.to(rows.device());
  }

  using Team::share;
  void share(const at::Tensor& numbers) override {
    if (goes_by_gpu(numbers)) {
      by_gpu([&] { gpus_->share(numbers); });
      count_bytes(static_cast<int64_t>(numbers.nbytes()));
      return;
    }
    on_processor(numbers, [&](at::Tensor& there) {
      if (memory_) return memory_->share(there);
      std::vector<at::Tensor> message{there};
      wait(group_->broadcast(message));
    });
  }

  std::vector<std::string> texts(const std::string& mine) override { return attendance_.texts(mine); }
  void leave(const std::string& reason) override { attendance_.leave(reason); }
  void look() override {
    if (seconds_since(looked_) < duration_cast<std::chrono::duration<double>>(kLook).count()) return;
    looked_ = steady_clock::now();
    attendance_.look();
  }

 private:
  /// Does this process's part of what all do, and returns the first one's reason why it failed; "" where it did not.
  template <class Part>
  std::string why_not_all(const Part& part) {
    std::string mine;
    try {
      part();
    } catch (const TeamError&) {
      throw;
    } catch (const std::exception& error) {
      mine = first_line(error.what());
    }
    const auto reasons = texts(mine);
    const auto first = std::ranges::find_if(reasons, [](const auto& reason) { return !reason.empty(); });
    return first == reasons.end() ? "" : fmt::format("rank {}: {}", first - reasons.begin(), *first);
  }

  /// Where all are on one machine, numbers need no network.
  void share_memory() {
    const auto look = [this] { attendance_.look(); };
    auto memory = rank() == 0 ? SharedMemory::make(size(), look) : nullptr;
    const auto address = text(memory ? memory->address() : "");
    if (rank() != 0) memory = SharedMemory::open(address, rank(), size(), look);
    if (!all(memory != nullptr)) return;
    memory_ = std::move(memory);
    attendance_.ask_too([this](int64_t other) { return memory_->has_ended(other); });
  }

  template <class Send>
  void on_processor(const at::Tensor& numbers, const Send& send) {
    torch::NoGradGuard no_grad;
    auto there = numbers.cpu();
    send(there);
    count_bytes(static_cast<int64_t>(there.nbytes()));
    if (!numbers.is_cpu()) at::Tensor(numbers).copy_(there);
  }

  void wait(const c10::intrusive_ptr<c10d::Work>& work) {
    while (true) {
      try {
        work->wait(kLook);
        return;
      } catch (const std::exception& error) {
        if (work->isCompleted()) attendance_.lost_connection(error.what());
      }
      attendance_.look();
    }
  }

  bool goes_by_gpu(const at::Tensor& numbers) const { return gpus_ && gpus_->reaches(numbers); }

  template <class Send>
  void by_gpu(const Send& send) {
    torch::NoGradGuard no_grad;
    try {
      send();
    } catch (const TeamError&) {
      throw;
    } catch (const std::exception& error) {
      attendance_.lost_connection(error.what());
    }
  }

  void drop_gpus() {
    if (gpus_) gpus_->abort();
    gpus_.reset();
  }

  static void multiply(at::Tensor& numbers, double factor) {
    torch::NoGradGuard no_grad;
    if (factor != 1) numbers.mul_(factor);
  }

  TeamOptions options_;
  Attendance attendance_;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
  std::unique_ptr<SharedMemory> memory_;
  std::unique_ptr<GpuLink> gpus_;
  steady_clock::time_point looked_;
};

}  // namespace

std::shared_ptr<Team> join_team(const TeamOptions& options) {
  // What goes wrong is said by TeamError, in one line.
  FLAGS_caffe2_log_level = c10::GLOG_FATAL;
  return std::make_shared<GlooTeam>(options);
}

}  // namespace forger
