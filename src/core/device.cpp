#include "core/device.h"

#include <ATen/Context.h>
#include <ATen/Version.h>

#include <cstdlib>
#include <set>
#include <string_view>

#include "core/fail.h"
#include "core/local_processes.h"

namespace forger {
namespace {

/// Whether LibTorch or oneDNN was told to do without the instructions that this processor has.
bool is_held_below_bfloat16() {
  static const std::set<std::string_view> below = {
      "SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX2_VNNI_2", "AVX512_CORE", "AVX512_CORE_VNNI"};
  for (const char* name : {"ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"}) {
    const char* limit = std::getenv(name);
    if (limit != nullptr && below.contains(limit)) return true;
  }
  return at::get_cpu_capability() != "AVX512";
}

}  // namespace

c10::Device choose_device(const std::string& name) {
  const auto devices = at::globalContext().hasCUDA() ? static_cast<int>(at::detail::getCUDAHooks().deviceCount()) : 0;
  if (name == "auto" && devices > 0) return {c10::kCUDA, static_cast<c10::DeviceIndex>(local_rank() % devices)};
  if (name == "auto") return c10::kCPU;
  if (name == "cpu") return c10::kCPU;
  const bool numbered = name.starts_with("cuda:") && name.size() > 5 && name.size() < 9 &&
                        name.find_first_not_of("0123456789", 5) == std::string::npos;
  if (name != "cuda" && !numbered) fail("device: received \"{}\", accepted: auto, cpu, cuda, cuda:N", name);
  const int index = numbered ? std::stoi(name.substr(5)) : 0;
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
  return __builtin_cpu_supports("avx512bf16") != 0 && !is_held_below_bfloat16();
#else
  return false;
#endif
}

}  // namespace forger
