#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "image/image_file.h"

namespace forger {

/// What a picture file is to hold.
struct PictureShape {
  int64_t height = 0;
  int64_t width = 0;
  /// 1 (grey), 2 (grey with alpha), 3 (RGB) or 4 (RGBA).
  int64_t channels = 0;
  /// 8 or 16.
  int bit_depth = 8;
  /// An ICC profile; empty: none.
  std::string profile = {};
};

/// Writes a picture row by row. The file has its name once it is whole; a writer that ends before that leaves nothing
/// behind.
class RowWriter {
 public:
  virtual ~RowWriter() = default;
  /// The next row: interleaved channels of a byte each, or of two bytes in the machine's order. Throws Error, as the
  /// other does, naming the path.
  virtual void write_row(const void* row) = 0;
  /// After the last row.
  virtual void finish() = 0;
};

/// Pixels of the longest side that a file of the format can have, as the libraries at hand write it.
int64_t longest_side(ImageFormat format);

/// A writer of any format. PNG takes all shapes; JPEG has no alpha, and it and WebP have 8 bits. PNG and JPEG hold a
/// few rows, WebP the whole picture. `quality`: 1 to 100, of JPEG and WebP; WebP with 100 is without loss. Throws
/// Error, as writing does, naming the path: a shape that the format does not have, a side that is too long.
std::unique_ptr<RowWriter> open_writer(const std::filesystem::path& path, ImageFormat format, const PictureShape& shape,
                                       int quality = 95);

}  // namespace forger
