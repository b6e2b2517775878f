#pragma once

#include <c10/core/Device.h>

#include <string>

namespace forger {

/// The device that "auto", "cpu", "cuda" or "cuda:N" names. "auto" is a CUDA device where there is one: the first, or,
/// where several processes of a machine work together, one after the other for each. Throws Error on other words and on
/// a device that this machine or this LibTorch does not have.
c10::Device choose_device(const std::string& name);

/// Whether bfloat16 arithmetic is fast on the device (AVX-512-BF16 or AMX, or CUDA compute capability 8).
bool has_fast_bfloat16(c10::Device device);

}  // namespace forger
