#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>

namespace forger {

/// Writes NumPy's `.npz` (a zip archive of `.npy` members, stored or deflated), atomically. dtypes: uint8, int64,
/// float32, float64. `numpy.load` reads it.
void write_npz(const std::filesystem::path& path, const std::map<std::string, at::Tensor>& arrays);

}  // namespace forger
