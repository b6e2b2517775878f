#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Stream.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/nccl.h"

namespace forger {

/// What a process computes on, for the others to know.
struct Gpu {
  c10::Device device;
  /// Tells it from those of all other processes, as far as can be known; "": it is no GPU.
  std::string name;
  /// NCCL's file.
  std::string library = Nccl::kLibrary;
};

/// That of this process.
Gpu gpu_at(c10::Device device);

/// Numbers of a team's processes go from GPU to GPU. All of them call the same functions in the same order, with
/// tensors that are contiguous and on the GPU. While one waits for the others it calls `look` once a second; what that
/// throws ends the wait. Where a message fails, Error is thrown.
class GpuLink {
 public:
  /// Waits for all that have rank 0's `invitation`, and tries whether what they say arrives; each may take so many
  /// seconds. Throws Error where that fails.
  GpuLink(std::shared_ptr<Nccl> nccl, const std::string& invitation, int64_t rank, int64_t size, c10::Device device,
          std::function<void()> look, double seconds);

  /// Whether numbers lie where they can be sent from.
  bool reaches(const at::Tensor& numbers) const { return numbers.device() == device_; }
  /// Adds up the numbers of all processes, in place: float32, float64 or int64.
  void sum(const at::Tensor& numbers) const;
  /// The rows of all processes, those of rank 0 first.
  at::Tensor gather(const at::Tensor& rows) const;
  /// Gives everyone rank 0's numbers, in place.
  void share(const at::Tensor& numbers) const;
  /// Ends without the others, who may be gone. Nothing can be sent any more.
  void abort() const { nccl_->abort(); }

 private:
  void join(const std::string& invitation, int64_t rank, double seconds);
  void expect_to_arrive(int64_t rank) const;
  /// Returns when what was put on the stream is done.
  template <class Send>
  void send(const Send& send) const;
  void wait(const c10::Stream& stream) const;

  std::shared_ptr<Nccl> nccl_;
  int64_t size_;
  c10::Device device_;
  std::function<void()> look_;
  double patience_;
};

}  // namespace forger
