// PNG, JPEG and WebP bytes: an image or an Error, at full size, at a small goal, row by row and as a label map.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "forger/error.h"
#include "image/image_file.h"
#include "image/rows.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  constexpr int64_t kMostPixels = 1 << 20;  // larger ones are slow and show nothing new
  try {
    const forger::ImageInfo info = forger::image_info(bytes, "fuzz");
    if (info.height > kMostPixels / info.width) return 0;
    forger::decode_image(bytes, "fuzz", {8, 8});
    forger::decode_image(bytes, "fuzz");
    forger::deep_colors(bytes, "fuzz");
    forger::icc_profile(bytes, "fuzz");
    const auto rows = forger::open_deep_rows(std::make_shared<const std::string>(bytes), "fuzz");
    std::vector<uint8_t> row(static_cast<size_t>(rows->row_bytes()));
    for (int64_t y = 0; y < rows->height(); ++y) rows->read(row.data(), 1);
    forger::decode_image(bytes, "fuzz", {.kinds = 256});
  } catch (const forger::Error&) {
  }
  return 0;
}
