#include "image/row_writer.h"

#include <webp/encode.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>

// jpeglib.h needs size_t and FILE before it.
#include <jpeglib.h>

#include "core/fail.h"
#include "image/encoders.h"
#include "image/png.h"

namespace forger {

int64_t longest_side(ImageFormat format) {
  constexpr int64_t kLongestPng = (int64_t{1} << 31) - 1;
  switch (format) {
    case ImageFormat::jpeg: return JPEG_MAX_DIMENSION;
    case ImageFormat::webp: return WEBP_MAX_DIMENSION;
    default: return kLongestPng;
  }
}

std::unique_ptr<RowWriter> open_writer(const std::filesystem::path& path, ImageFormat format, const PictureShape& shape,
                                       int quality) {
  if (const auto longest = longest_side(format); std::max(shape.height, shape.width) > longest) {
    fail("cannot write {}: received {} x {} pixels, accepted by {}: at most {} on each side", path.string(),
         shape.width, shape.height, format_name(format), longest);
  }
  const bool has_alpha = shape.channels == 2 || shape.channels == 4;
  if (format != ImageFormat::png && (shape.bit_depth != 8 || (has_alpha && format == ImageFormat::jpeg))) {
    fail("cannot write {}: received {} channels of {} bits, accepted by {}: 8 bits{}", path.string(), shape.channels,
         shape.bit_depth, format_name(format), format == ImageFormat::jpeg ? " without alpha" : "");
  }
  switch (format) {
    case ImageFormat::jpeg: return codecs::jpeg_writer(path, shape, quality);
    case ImageFormat::webp: return codecs::webp_writer(path, shape, quality);
    default: return std::make_unique<PngWriter>(path, shape);
  }
}

}  // namespace forger
