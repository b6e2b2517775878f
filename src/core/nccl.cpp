#include "core/nccl.h"

#include <dlfcn.h>

#include <array>
#include <cstring>

#include "core/fail.h"

namespace forger {
namespace {

// As nccl.h has it since version 2.4; what stands there does not change within version 2.
struct NcclInvitation {
  std::array<char, 128> bytes;
};

constexpr int kNcclSuccess = 0, kNcclInProgress = 7;  // results
constexpr int kNcclSum = 0;
constexpr int kNcclBytes = 1;
constexpr int kNcclRoot = 0;

int nccl_type(const at::Tensor& numbers) {
  switch (numbers.scalar_type()) {
    case at::kLong: return 4;
    case at::kFloat: return 7;
    case at::kDouble: return 8;
    default: fail("NCCL: received {}, accepted: float32, float64, int64", c10::toString(numbers.scalar_type()));
  }
}

template <class Function>
Function function_of(void* library, const char* name) {
  const auto function = reinterpret_cast<Function>(dlsym(library, name));
  if (function == nullptr) fail("NCCL has no {}", name);
  return function;
}

const char* words_for(void* library, int result) {
  return function_of<const char* (*)(int)>(library, "ncclGetErrorString")(result);
}

}  // namespace

template <class... Arguments>
void Nccl::call(const char* name, Arguments... arguments) const {
  const int result = function_of<int (*)(Arguments...)>(library_, name)(arguments...);
  if (result != kNcclSuccess) fail("{}: {}", name, words_for(library_, result));
}

Nccl::Nccl(const std::string& library) : library_(dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (library_ == nullptr) fail("no {} is there", library);
}

/// The library stays: LibTorch uses it, too.
Nccl::~Nccl() {
  if (connection_ != nullptr) function_of<int (*)(void*)>(library_, "ncclCommDestroy")(connection_);
}

std::string Nccl::invitation() const {
  NcclInvitation invitation{};
  call("ncclGetUniqueId", &invitation);
  return {invitation.bytes.data(), invitation.bytes.size()};
}

void Nccl::join(const std::string& invitation, int64_t rank, int64_t size) {
  NcclInvitation id{};
  if (invitation.size() != id.bytes.size()) fail("NCCL: received {} bytes of an invitation", invitation.size());
  std::memcpy(id.bytes.data(), invitation.data(), id.bytes.size());
  void* connection = nullptr;
  call("ncclCommInitRank", &connection, static_cast<int>(size), id, static_cast<int>(rank));
  connection_ = connection;
}

void Nccl::sum(const at::Tensor& numbers, void* stream) const {
  void* data = numbers.data_ptr();
  call("ncclAllReduce", static_cast<const void*>(data), data, static_cast<size_t>(numbers.numel()), nccl_type(numbers),
       kNcclSum, connection_, stream);
}

void Nccl::gather(const at::Tensor& rows, const at::Tensor& all, void* stream) const {
  call("ncclAllGather", rows.const_data_ptr(), all.data_ptr(), rows.nbytes(), kNcclBytes, connection_, stream);
}

void Nccl::share(const at::Tensor& numbers, void* stream) const {
  void* data = numbers.data_ptr();
  call("ncclBroadcast", static_cast<const void*>(data), data, numbers.nbytes(), kNcclBytes, kNcclRoot, connection_,
       stream);
}

void Nccl::expect_no_error() const {
  int error = kNcclSuccess;
  call("ncclCommGetAsyncError", connection_, &error);
  if (error != kNcclSuccess && error != kNcclInProgress) fail("NCCL: {}", words_for(library_, error));
}

void Nccl::abort() {
  if (connection_ == nullptr) return;
  function_of<int (*)(void*)>(library_, "ncclCommAbort")(connection_);
  connection_ = nullptr;
}

}  // namespace forger
