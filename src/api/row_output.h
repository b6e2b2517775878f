#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "image/row_resizer.h"
#include "image/row_writer.h"
#include "tasks/tiler.h"

namespace forger {

/// What a network makes of a picture, and what is to be written of it.
struct RowOutputShape {
  /// Of the picture that goes in, without what was added at its borders.
  int64_t height = 0;
  int64_t width = 0;
  int64_t scale = 1;
  /// Pixels that were added at each border, and go again.
  int64_t margin = 0;
  PictureShape to = {};
};

/// Brings what a network makes, in [0, 1], to the size and the levels of a file, and writes it.
class RowOutput : public Tiler::Reporter {
 public:
  RowOutput(const RowOutputShape& shape, RowWriter& writer);
  void row(const uint8_t* image, const float* made) override;
  void done(double, int64_t) override {}

 private:
  void give(const float* row);
  void write(const float* row);

  RowOutputShape shape_;
  RowWriter& writer_;
  std::optional<RowResizer> resizer_;
  int64_t next_ = 0;  // row of the picture
  std::vector<float> weighted_;
  std::vector<uint8_t> bytes_;
  std::vector<uint16_t> words_;
};

}  // namespace forger
