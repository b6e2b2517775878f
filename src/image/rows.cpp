#include "image/rows.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "image/codecs.h"

namespace forger {
namespace {

class PixelRows : public RowReader {
 public:
  /// With two bytes a value, `image` has two channels for one.
  PixelRows(Pixels image, const std::string& name, int64_t value_bytes = 1)
      : RowReader(name, image.height, image.width, image.channels / value_bytes, value_bytes),
        image_(std::move(image)) {}

 protected:
  void read_next(uint8_t* rows, int64_t count) override {
    std::copy_n(image_.row(next_), count * row_bytes(), rows);
    next_ += count;
  }

 private:
  Pixels image_;
  int64_t next_ = 0;
};

class FileRows : public RowReader {
 public:
  FileRows(std::shared_ptr<const std::string> bytes, std::unique_ptr<codecs::RowDecoder> decoder, const ImageInfo& info,
           int64_t value_bytes, const std::string& name)
      : RowReader(name, info.height, info.width, info.channels, value_bytes),
        bytes_(std::move(bytes)),
        decoder_(std::move(decoder)) {}

 protected:
  void read_next(uint8_t* rows, int64_t count) override {
    for (int64_t y = 0; y < count; ++y) decoder_->read(rows + y * row_bytes());
  }

 private:
  std::shared_ptr<const std::string> bytes_;  // where the decoder reads
  std::unique_ptr<codecs::RowDecoder> decoder_;
};

/// Null for what cannot be decoded row by row.
std::unique_ptr<codecs::RowDecoder> row_decoder(std::string_view bytes, const ImageInfo& info, bool deep) {
  if (info.orientation != 1 || info.format == ImageFormat::webp) return nullptr;
  return info.format == ImageFormat::png ? codecs::png_rows(bytes, deep) : codecs::jpeg_rows(bytes);
}

/// `whole` decodes what cannot be decoded row by row.
std::unique_ptr<RowReader> open_file_rows(std::shared_ptr<const std::string> bytes, const std::string& name,
                                          bool keeps_deep, const std::function<Pixels(const std::string&)>& whole) {
  return as_image_error([&]() -> std::unique_ptr<RowReader> {
    const ImageInfo info = image_info(*bytes, name);
    const bool deep = keeps_deep && info.bit_depth == 16;
    auto decoder = codecs::naming(name, [&] { return row_decoder(*bytes, info, deep); });
    if (decoder) return std::make_unique<FileRows>(std::move(bytes), std::move(decoder), info, deep ? 2 : 1, name);
    if (!deep) return rows_of(whole(*bytes), name);
    const auto decode = [&] { return to_upright(codecs::decode_deep_png(*bytes), info.orientation); };
    return std::make_unique<PixelRows>(codecs::naming(name, decode), name, 2);
  });
}

}  // namespace

void RowReader::read(uint8_t* rows, int64_t count) {
  try {
    read_next(rows, count);
  } catch (const ImageError&) {
    throw;  // by a reader that this one reads from, which has named it
  } catch (...) {
    as_image_error([&] { codecs::naming(name_, [] { throw; }); });
  }
}

std::unique_ptr<RowReader> rows_of(Pixels image, const std::string& name) {
  return std::make_unique<PixelRows>(std::move(image), name);
}

std::unique_ptr<RowReader> open_rows(std::string bytes, const std::string& name, const DecodeGoal& goal) {
  auto kept = std::make_shared<const std::string>(std::move(bytes));
  return open_file_rows(std::move(kept), name, false, [&](const std::string& content) {
    return decode_image(content, name, {.levels = goal.levels, .count = goal.count});
  });
}

std::unique_ptr<RowReader> open_deep_rows(std::shared_ptr<const std::string> bytes, const std::string& name) {
  return open_file_rows(std::move(bytes), name, true,
                        [&](const std::string& kept) { return decode_image(kept, name); });
}

}  // namespace forger
