#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace forger {

/// A uint8 picture `[C, H, W]` with 1, 3 or 4 channels as the bytes of a PNG file.
std::string encode_png(const at::Tensor& pixels);

/// Writes a picture row by row, however large it is. The file has its name once it is whole; a writer that ends before
/// that leaves nothing behind.
class PngWriter {
 public:
  /// 1, 3 or 4 channels of 8 or 16 bits. Throws Error, as the others do, naming the path.
  PngWriter(const std::filesystem::path& path, int64_t height, int64_t width, int64_t channels, int bit_depth = 8);
  ~PngWriter();
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;

  /// The next row: interleaved channels of a byte each, or of two bytes in the machine's order.
  void write_row(const void* row);
  /// After the last row.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// uint8 pictures into a file, atomically. Throws Error naming the path.
void write_png(const std::filesystem::path& path, const at::Tensor& pixels);

}  // namespace forger
