#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace forger {

/// The content of a `.safetensors` file: tensors by name, and text by key.
struct TensorFile {
  std::map<std::string, at::Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// Writes atomically; tensors of any device and memory layout are stored contiguous on the CPU. dtypes: float64,
/// float32, float16, bfloat16, int64, int32, int16, int8, uint8, bool.
void write_safetensors(const std::filesystem::path& path, const TensorFile& file);

/// Reads and checks everything: header length, JSON, offsets that overlap, leave holes or reach beyond the file,
/// shapes that do not fit their bytes, unknown dtypes. Throws Error naming the path and what is wrong. Tensors own
/// their memory, on the CPU.
TensorFile read_safetensors(const std::filesystem::path& path);

/// The same from memory; `name` is for messages.
TensorFile parse_safetensors(std::string_view bytes, const std::string& name);

}  // namespace forger
