#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace forger {

/// Weights by name, as another program saved them.
struct ForeignWeights {
  /// Float32, contiguous, on the CPU.
  std::map<std::string, at::Tensor> tensors;
  /// The key of the dictionary that they were found in, such as "params_ema"; empty: they stand by themselves.
  std::string wrapper;
  /// "PyTorch", "PyTorch before 1.6" or "safetensors".
  std::string format;
  /// CRC-32C of the file.
  uint32_t checksum = 0;
};

/// Whether a file begins as PyTorch's do: as a zip archive or a pickle. False where it cannot be read.
bool is_torch_file(const std::filesystem::path& path);

/// Reads the dictionary of weights in a `.pth`, `.pt` or `.safetensors` file, whatever its name is. Where it holds
/// several dictionaries, averaged weights go first. Nothing in the file is run. Throws Error naming the path and what
/// is wrong.
ForeignWeights read_foreign_weights(const std::filesystem::path& path);

/// The same of a file of PyTorch in memory; `name` is for messages.
ForeignWeights parse_torch_file(std::string_view bytes, const std::string& name);

}  // namespace forger
