#include "image/png.h"

#include <spng.h>

#include <cstdlib>
#include <memory>

#include "core/fail.h"
#include "core/files.h"
#include "image/pixels.h"

namespace forger {

std::string encode_png(const at::Tensor& pixels) {
  const Pixels image = to_pixels(pixels);
  if (image.channels != 1 && image.channels != 3 && image.channels != 4)
    fail(
        "PNG: received {} channels, accepted: "
        "1 (grey), 3 (RGB), 4 (RGBA)",
        image.channels);
  if (image.values.empty())
    fail("PNG: received {} x {} pixels, accepted: at least 1 x 1", image.width, image.height);
  const std::unique_ptr<spng_ctx, void (*)(spng_ctx*)> context(spng_ctx_new(SPNG_CTX_ENCODER), spng_ctx_free);
  spng_ihdr header{};
  header.width = static_cast<uint32_t>(image.width);
  header.height = static_cast<uint32_t>(image.height);
  header.bit_depth = 8;
  header.color_type = image.channels == 1   ? SPNG_COLOR_TYPE_GRAYSCALE
                      : image.channels == 3 ? SPNG_COLOR_TYPE_TRUECOLOR
                                            : SPNG_COLOR_TYPE_TRUECOLOR_ALPHA;
  const auto check = [](int code) {
    if (code != SPNG_OK) fail("PNG: cannot encode ({})", spng_strerror(code));
  };
  check(spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1));
  check(spng_set_ihdr(context.get(), &header));
  check(spng_encode_image(context.get(), image.values.data(), image.values.size(), SPNG_FMT_PNG,
                          SPNG_ENCODE_FINALIZE));
  size_t length = 0;
  int code = SPNG_OK;
  const std::unique_ptr<void, void (*)(void*)> bytes(spng_get_png_buffer(context.get(), &length, &code),
                                                     std::free);
  check(code);
  return std::string(static_cast<const char*>(bytes.get()), length);
}

void write_png(const std::filesystem::path& path, const at::Tensor& pixels) {
  write_file_atomically(path, encode_png(pixels));
}

}  // namespace forger
