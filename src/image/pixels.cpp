#include "image/pixels.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <utility>

#include "core/fail.h"

namespace forger {
namespace {

uint8_t luma(const uint8_t* rgb) {
  return static_cast<uint8_t>((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 0x8000) >> 16);
}

/// value * alpha / 255 laid over white, rounded.
uint8_t over_white(uint8_t value, uint8_t alpha) {
  const int product = (255 - value) * alpha + 128;
  return static_cast<uint8_t>(255 - ((product + (product >> 8)) >> 8));
}

}  // namespace

Pixels to_channels(Pixels image, int64_t channels) {
  if (image.channels == channels) return image;
  Pixels result(image.height, image.width, channels);
  const int64_t count = image.height * image.width;
  const uint8_t* from = image.values.data();
  uint8_t* to = result.values.data();
  for (int64_t i = 0; i < count; ++i, from += image.channels, to += channels) {
    uint8_t rgba[4] = {from[0], from[0], from[0], 255};
    if (image.channels >= 3) std::copy_n(from, image.channels, rgba);
    if (channels < 4) {
      for (int c = 0; c < 3; ++c) rgba[c] = over_white(rgba[c], rgba[3]);
    }
    if (channels == 1) {
      to[0] = luma(rgba);
    } else {
      std::copy_n(rgba, channels, to);
    }
  }
  return result;
}

Pixels to_upright(Pixels image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  const bool turned = orientation >= 5;
  Pixels result(turned ? image.width : image.height, turned ? image.height : image.width, image.channels);
  const bool flip_rows = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  const bool flip_columns = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  for (int64_t y = 0; y < result.height; ++y) {
    uint8_t* to = result.row(y);
    for (int64_t x = 0; x < result.width; ++x, to += image.channels) {
      // Mirrored in the result's own axes first, then turned: that is how the eight cases are composed.
      const int64_t row = flip_rows ? result.height - 1 - y : y;
      const int64_t column = flip_columns ? result.width - 1 - x : x;
      const uint8_t* from =
          turned ? image.row(column) + row * image.channels : image.row(row) + column * image.channels;
      std::copy_n(from, image.channels, to);
    }
  }
  return result;
}

Pixels to_pixels(const at::Tensor& tensor) {
  if (tensor.dim() != 3 || tensor.scalar_type() != at::kByte)
    fail(
        "picture: received {} dimensions of {}, accepted: "
        "uint8 [channels, height, width]",
        tensor.dim(), c10::toString(tensor.scalar_type()));
  Pixels image(tensor.size(1), tensor.size(2), tensor.size(0));
  const at::Tensor interleaved = tensor.permute({1, 2, 0}).to(at::kCPU).contiguous();
  std::copy_n(interleaved.const_data_ptr<uint8_t>(), image.values.size(), image.values.data());
  return image;
}

at::Tensor to_tensor(const Pixels& image) {
  at::Tensor interleaved = at::empty({image.height, image.width, image.channels}, at::kByte);
  std::copy_n(image.values.data(), image.values.size(), interleaved.mutable_data_ptr<uint8_t>());
  return interleaved.permute({2, 0, 1});
}

}  // namespace forger
