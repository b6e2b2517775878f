#pragma once

#include <c10/core/Device.h>

#include <string>

namespace forger {

/// build.json: Forger's version and revision, LibTorch's version, compiler, device, precision, processor threads,
/// the folder and the time of start.
std::string build_info_json(c10::Device device, bool bfloat16);

}  // namespace forger
