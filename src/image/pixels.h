#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace forger {

/// An 8-bit image in memory, rows of interleaved channels (height, width, channel), as codecs make it. Work
/// on it stays on the calling thread, which is why decoding threads use it rather than tensor operations.
struct Pixels {
  int64_t height = 0;
  int64_t width = 0;
  /// 1 (grey), 3 (RGB) or 4 (RGBA, colour not multiplied by alpha).
  int64_t channels = 0;
  std::vector<uint8_t> values;

  Pixels() = default;
  Pixels(int64_t height, int64_t width, int64_t channels)
      : height(height), width(width), channels(channels), values(static_cast<size_t>(height * width * channels)) {}

  uint8_t* row(int64_t y) { return values.data() + y * width * channels; }
  const uint8_t* row(int64_t y) const { return values.data() + y * width * channels; }
};

/// The image with 1, 3 or 4 channels. Grey is ITU-R 601 luma, rounded as Pillow's `convert("L")`. Transparent
/// images are laid over white when alpha goes; alpha that comes is opaque.
Pixels to_channels(Pixels image, int64_t channels);

/// The image turned and mirrored as EXIF orientation 1 to 8 says (1: as it is).
Pixels to_upright(Pixels image, int orientation);

/// uint8 tensor `[C, H, W]` (any strides) -> image. Throws Error on another shape or dtype.
Pixels to_pixels(const at::Tensor& tensor);

/// Image -> uint8 tensor `[C, H, W]`, whose memory stays interleaved (channels-last strides).
at::Tensor to_tensor(const Pixels& image);

}  // namespace forger
