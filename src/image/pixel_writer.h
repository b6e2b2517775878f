#pragma once

#include <cstring>

#include "image/pixels.h"
#include "image/row_writer.h"

namespace forger {

/// Keeps the rows of an 8-bit picture in memory.
class PixelWriter : public RowWriter {
 public:
  PixelWriter(Pixels& image, const PictureShape& shape) : image_(image) {
    image_ = Pixels(shape.height, shape.width, shape.channels);
  }
  void write_row(const void* row) override {
    std::memcpy(image_.row(next_++), row, static_cast<size_t>(image_.width * image_.channels));
  }
  void finish() override {}

 private:
  Pixels& image_;
  int64_t next_ = 0;
};

}  // namespace forger
