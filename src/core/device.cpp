#include "core/device.h"

#include <ATen/Context.h>

#include "core/fail.h"

namespace forger {

c10::Device choose_device(const std::string& name) {
  const bool has_cuda = at::globalContext().hasCUDA();
  if (name == "auto") return has_cuda ? c10::Device(c10::kCUDA, 0) : c10::Device(c10::kCPU);
  if (name == "cpu") return c10::kCPU;
  const bool numbered = name.starts_with("cuda:") && name.size() > 5 && name.size() < 9 &&
                        name.find_first_not_of("0123456789", 5) == std::string::npos;
  if (name != "cuda" && !numbered) fail("device: received \"{}\", accepted: auto, cpu, cuda, cuda:N", name);
  const int index = numbered ? std::stoi(name.substr(5)) : 0;
  const auto devices = has_cuda ? static_cast<int>(at::detail::getCUDAHooks().deviceCount()) : 0;
  if (index >= devices) {
    std::string there = devices == 0 ? " (this machine with this LibTorch has no CUDA device)" : "";
    for (int i = devices - 1; i >= 0; --i) there = fmt::format(", cuda:{}{}", i, there);
    fail("device: received \"{}\", accepted here: auto, cpu{}", name, there);
  }
  return {c10::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

bool has_fast_bfloat16(c10::Device device) {
  if (device.is_cuda()) return at::detail::getCUDAHooks().supportsBFloat16ConvolutionWithCuDNNv8();
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

}  // namespace forger
