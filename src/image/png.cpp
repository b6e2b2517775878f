#include "image/png.h"

#include <spng.h>

#include <cstdlib>
#include <memory>
#include <vector>

#include "core/fail.h"
#include "core/files.h"
#include "image/pixels.h"

namespace forger {

namespace {

std::string encode(int64_t height, int64_t width, uint8_t bit_depth, uint8_t color_type, const void* values, size_t bytes) {
  if (height == 0 || width == 0) fail("PNG: received {} x {} pixels, accepted: at least 1 x 1", width, height);
  const std::unique_ptr<spng_ctx, void (*)(spng_ctx*)> context(spng_ctx_new(SPNG_CTX_ENCODER), spng_ctx_free);
  spng_ihdr header{};
  header.width = static_cast<uint32_t>(width);
  header.height = static_cast<uint32_t>(height);
  header.bit_depth = bit_depth;
  header.color_type = color_type;
  const auto check = [](int code) {
    if (code != SPNG_OK) fail("PNG: cannot encode ({})", spng_strerror(code));
  };
  check(spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1));
  check(spng_set_ihdr(context.get(), &header));
  check(spng_encode_image(context.get(), values, bytes, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE));
  size_t length = 0;
  int code = SPNG_OK;
  const std::unique_ptr<void, void (*)(void*)> made(spng_get_png_buffer(context.get(), &length, &code), std::free);
  check(code);
  return std::string(static_cast<const char*>(made.get()), length);
}

}  // namespace

std::string encode_png(const at::Tensor& pixels) {
  const Pixels image = to_pixels(pixels);
  if (image.channels != 1 && image.channels != 3 && image.channels != 4)
    fail(
        "PNG: received {} channels, accepted: "
        "1 (grey), 3 (RGB), 4 (RGBA)",
        image.channels);
  const uint8_t color_type = image.channels == 1   ? SPNG_COLOR_TYPE_GRAYSCALE
                             : image.channels == 3 ? SPNG_COLOR_TYPE_TRUECOLOR
                                                   : SPNG_COLOR_TYPE_TRUECOLOR_ALPHA;
  return encode(image.height, image.width, 8, color_type, image.values.data(), image.values.size());
}

std::string encode_png16(const at::Tensor& levels) {
  if (levels.dim() != 2 || levels.scalar_type() != at::kInt) {
    fail("PNG: received {} dimensions of {}, accepted: int32 [height, width]", levels.dim(),
         c10::toString(levels.scalar_type()));
  }
  const auto rows = levels.contiguous();
  const int32_t* level = rows.const_data_ptr<int32_t>();
  std::vector<uint16_t> values(level, level + rows.numel());
  return encode(rows.size(0), rows.size(1), 16, SPNG_COLOR_TYPE_GRAYSCALE, values.data(), 2 * values.size());
}

void write_png(const std::filesystem::path& path, const at::Tensor& pixels) {
  write_file_atomically(path, encode_png(pixels));
}

}  // namespace forger
