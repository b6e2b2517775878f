#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "forger/error.h"
#include "image/image_file.h"

namespace forger {

/// That an image could not be read.
class ImageError : public Error {
 public:
  using Error::Error;
};

/// What `read` returns; an Error of it becomes an ImageError.
template <class Read>
auto as_image_error(Read&& read) {
  try {
    return read();
  } catch (const Error& error) {
    throw ImageError(error.what());
  }
}

/// An image's rows, one after the other from the top down: what a picture too large to be held whole is read by. A row
/// is of interleaved channels, whose values are a byte each, or two bytes in the machine's order.
class RowReader {
 public:
  virtual ~RowReader() = default;
  int64_t height() const { return height_; }
  int64_t width() const { return width_; }
  int64_t channels() const { return channels_; }
  /// 1 or 2.
  int64_t value_bytes() const { return value_bytes_; }
  int64_t row_bytes() const { return width_ * channels_ * value_bytes_; }
  /// The next `count` rows, of which there are so many left. Throws ImageError, beginning with
  /// the image's name, where the file is damaged or ends early.
  void read(uint8_t* rows, int64_t count);

 protected:
  RowReader(std::string name, int64_t height, int64_t width, int64_t channels, int64_t value_bytes = 1)
      : name_(std::move(name)), height_(height), width_(width), channels_(channels), value_bytes_(value_bytes) {}
  virtual void read_next(uint8_t* rows, int64_t count) = 0;

 private:
  std::string name_;
  int64_t height_, width_, channels_, value_bytes_;
};

/// The rows of PNG, JPEG or WebP bytes as `decode_image` would give them in full size. JPEGs and PNGs are decoded as
/// they are read; what cannot be (interlaced, turned by EXIF, 16 bits, CMYK, WebP) is decoded at once. Of `goal`, the
/// size is not looked at. Throws ImageError.
std::unique_ptr<RowReader> open_rows(std::string bytes, const std::string& name, const DecodeGoal& goal = {});

/// The same, but that the values of 16-bit images are as they are stored, two bytes each.
std::unique_ptr<RowReader> open_deep_rows(std::shared_ptr<const std::string> bytes, const std::string& name);

/// The rows of an image in memory.
std::unique_ptr<RowReader> rows_of(Pixels image, const std::string& name);

}  // namespace forger
