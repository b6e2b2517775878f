#include "image/rows.h"

#include <algorithm>
#include <utility>

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
  FileRows(std::unique_ptr<const std::string> bytes, std::unique_ptr<codecs::RowDecoder> decoder, const ImageInfo& info,
           const std::string& name)
      : RowReader(name, info.height, info.width, info.channels),
        bytes_(std::move(bytes)),
        decoder_(std::move(decoder)) {}

 protected:
  void read_next(uint8_t* rows, int64_t count) override {
    for (int64_t y = 0; y < count; ++y) decoder_->read(rows + y * width() * channels());
  }

 private:
  std::unique_ptr<const std::string> bytes_;  // where the decoder reads
  std::unique_ptr<codecs::RowDecoder> decoder_;
};

/// Null for what cannot be decoded row by row.
std::unique_ptr<codecs::RowDecoder> row_decoder(std::string_view bytes, const ImageInfo& info) {
  if (info.orientation != 1 || info.format == ImageFormat::webp) return nullptr;
  return info.format == ImageFormat::png ? codecs::png_rows(bytes) : codecs::jpeg_rows(bytes);
}

}  // namespace

void RowReader::read(uint8_t* rows, int64_t count) {
  as_image_error([&] { codecs::naming(name_, [&] { read_next(rows, count); }); });
}

std::unique_ptr<RowReader> rows_of(Pixels image, const std::string& name) {
  return std::make_unique<PixelRows>(std::move(image), name);
}

std::unique_ptr<RowReader> open_rows(std::string bytes, const std::string& name, const DecodeGoal& goal) {
  return as_image_error([&]() -> std::unique_ptr<RowReader> {
    auto kept = std::make_unique<const std::string>(std::move(bytes));
    const ImageInfo info = image_info(*kept, name);
    auto decoder = codecs::naming(name, [&] { return row_decoder(*kept, info); });
    if (!decoder) return rows_of(decode_image(*kept, name, {.levels = goal.levels, .count = goal.count}), name);
    return std::make_unique<FileRows>(std::move(kept), std::move(decoder), info, name);
  });
}

}  // namespace forger
