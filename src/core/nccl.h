#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace forger {

/// NCCL, NVIDIA's library for messages between GPUs. It is opened at run time, as LibTorch's CUDA brings it, so that
/// the program is built without CUDA. Messages are put on a GPU's stream (`cudaStream_t`) and are on their way when a
/// call returns. Tensors are contiguous and on the GPU. Everything throws Error with NCCL's own words.
class Nccl {
 public:
  static constexpr const char* kLibrary = "libnccl.so.2";

  /// Throws Error where there is no such library.
  explicit Nccl(const std::string& library);
  ~Nccl();
  Nccl(const Nccl&) = delete;
  Nccl& operator=(const Nccl&) = delete;

  /// What all processes have to know to meet: bytes that one of them makes.
  std::string invitation() const;
  /// Waits for all that are invited, for ever. The GPU is the thread's present one.
  void join(const std::string& invitation, int64_t rank, int64_t size);

  /// Adds up the numbers of all, in place: float32, float64 or int64.
  void sum(const at::Tensor& numbers, void* stream) const;
  /// The rows of all, into `all`, those of rank 0 first.
  void gather(const at::Tensor& rows, const at::Tensor& all, void* stream) const;
  /// Gives everyone rank 0's numbers, in place.
  void share(const at::Tensor& numbers, void* stream) const;

  /// Throws Error where a message on its way has failed.
  void expect_no_error() const;
  /// Takes back what is on its way, and ends without the others. Nothing can be sent any more.
  void abort();

 private:
  template <class... Arguments>
  void call(const char* name, Arguments... arguments) const;

  void* library_;
  void* connection_ = nullptr;
};

}  // namespace forger
