#pragma once

#include <fmt/format.h>

#include <filesystem>

#include "core/torch.h"
#include "model/safetensors.h"

namespace forger {

/// Writes a VGG-19 of two channels a layer, all of its numbers times `factor`.
inline void write_vgg19(const std::filesystem::path& path, double factor = 1) {
  TensorFile file;
  int64_t channels = 3;
  for (const int64_t place : {0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34}) {
    const auto name = fmt::format("features.{}.", place);
    file.tensors[name + "weight"] = factor * at::ones({2, channels, 3, 3}) / static_cast<double>(9 * channels);
    file.tensors[name + "bias"] = factor * at::ones({2});
    channels = 2;
  }
  write_safetensors(path, file);
}

}  // namespace forger
