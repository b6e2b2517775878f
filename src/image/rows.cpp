#include "image/rows.h"

#include <algorithm>
#include <utility>

#include "core/fail.h"
#include "image/codecs.h"

namespace forger {
namespace {

class PixelRows : public RowReader {
 public:
  PixelRows(Pixels image, const std::string& name)
      : RowReader(name, image.height, image.width, image.channels), image_(std::move(image)) {}

 protected:
  void read_next(uint8_t* rows, int64_t count) override {
    std::copy_n(image_.row(next_), count * width() * channels(), rows);
    next_ += count;
  }

 private:
  Pixels image_;
  int64_t next_ = 0;
};

class FileRows : public RowReader {
 public:
  FileRows(std::string bytes, std::unique_ptr<codecs::RowDecoder> decoder, const ImageInfo& info, const std::string& name)
      : RowReader(name, info.height, info.width, info.channels), bytes_(std::move(bytes)), decoder_(std::move(decoder)) {}

 protected:
  void read_next(uint8_t* rows, int64_t count) override {
    for (int64_t y = 0; y < count; ++y) decoder_->read(rows + y * width() * channels());
  }

 private:
  std::string bytes_;
  std::unique_ptr<codecs::RowDecoder> decoder_;  // reads bytes_
};

/// Null for what cannot be decoded row by row.
std::unique_ptr<codecs::RowDecoder> row_decoder(std::string_view bytes, ImageFormat format, const std::string& name) {
  try {
    if (format == ImageFormat::png) return codecs::png_rows(bytes);
    if (format == ImageFormat::jpeg) return codecs::jpeg_rows(bytes);
    return nullptr;
  } catch (const Error& error) {
    fail("{}: {}", name, error.what());
  }
}

}  // namespace

void RowReader::read(uint8_t* rows, int64_t count) {
  try {
    read_next(rows, count);
  } catch (const Error& error) {
    throw ImageError(name_ + ": " + error.what());
  }
}

std::unique_ptr<RowReader> rows_of(Pixels image, const std::string& name) {
  return std::make_unique<PixelRows>(std::move(image), name);
}

std::unique_ptr<RowReader> open_rows(std::string bytes, const std::string& name) {
  try {
    const ImageInfo info = image_info(bytes, name);
    auto decoder = info.orientation == 1 ? row_decoder(bytes, info.format, name) : nullptr;
    if (!decoder) return rows_of(decode_image(bytes, name), name);
    // The decoder points into the bytes, which only a string shorter than any image would carry along as it moves.
    return std::make_unique<FileRows>(std::move(bytes), std::move(decoder), info, name);
  } catch (const Error& error) {
    throw ImageError(error.what());
  }
}

}  // namespace forger
