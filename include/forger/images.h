#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>

namespace forger {

/// Writes one picture, uint8 `[C, H, W]` with 1, 3 or 4 channels, as a PNG file, atomically. Throws Error naming the
/// path.
void save_image(const std::filesystem::path& path, const at::Tensor& pixels);

/// Writes samples, as Model::sample returns them, side by side into one PNG file; points become a scatter plot.
/// `columns` 0: as near to a square as possible.
void save_grid(const std::filesystem::path& path, const at::Tensor& samples, int64_t columns = 0);

}  // namespace forger
