#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "image/row_writer.h"

namespace forger {

/// A uint8 picture `[C, H, W]` of 1 to 4 channels (grey, grey with alpha, RGB, RGBA) as the bytes of a PNG file.
std::string encode_png(const at::Tensor& pixels);

/// Writes a PNG file row by row, however large it is.
class PngWriter : public RowWriter {
 public:
  PngWriter(const std::filesystem::path& path, const PictureShape& shape);
  ~PngWriter() override;
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;

  void write_row(const void* row) override;
  void finish() override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// uint8 pictures into a file, atomically. Throws Error naming the path.
void write_png(const std::filesystem::path& path, const at::Tensor& pixels);

}  // namespace forger
