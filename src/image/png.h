#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>

namespace forger {

/// A uint8 picture `[C, H, W]` with 1, 3 or 4 channels as the bytes of a PNG file.
std::string encode_png(const at::Tensor& pixels);

/// Grey levels of 16 bits, int32 `[H, W]` from 0 to 65535, as the bytes of a PNG file.
std::string encode_png16(const at::Tensor& levels);

/// uint8 pictures into a file, atomically. Throws Error naming the path.
void write_png(const std::filesystem::path& path, const at::Tensor& pixels);

}  // namespace forger
