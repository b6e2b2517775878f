// PNG, JPEG and WebP bytes: an image or an Error, at full size and at a small goal.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "forger/error.h"
#include "image/image_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  constexpr int64_t kMostPixels = 1 << 20;  // larger ones are slow and show nothing new
  try {
    const forger::ImageInfo info = forger::image_info(bytes, "fuzz");
    if (info.height > kMostPixels / info.width) return 0;
    forger::decode_image(bytes, "fuzz", {8, 8});
    forger::decode_image(bytes, "fuzz");
    forger::deep_colors(bytes, "fuzz");
  } catch (const forger::Error&) {
  }
  return 0;
}
