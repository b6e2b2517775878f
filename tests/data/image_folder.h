#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/files.h"
#include "image/pixels.h"
#include "image/png.h"
#include "support/temporary_folder.h"

namespace forger {

/// A temporary folder that tests fill with files and small images.
class ImageFolder : public TemporaryFolder {
 public:
  std::string string() const { return path().string(); }

  /// Writes a file, making the folders that it needs.
  void write(const std::string& name, const std::string& content) const {
    make_folder((*this / name).parent_path());
    write_file_atomically(*this / name, content);
  }

  /// An image of one colour whose first pixel differs, so that it has an up and a left.
  void write_image(const std::string& name, int64_t height, int64_t width, uint8_t level, int64_t channels = 3) const {
    Pixels image(height, width, channels);
    std::fill(image.values.begin(), image.values.end(), level);
    image.values[0] = static_cast<uint8_t>(level ^ 0x80);
    if (channels == 4) image.values[3] = 0;
    write(name, encode_png(to_tensor(image)));
  }

  /// An image of 16 bits and 1, 3 or 4 channels: rows of interleaved values.
  void write_deep(const std::string& name, int64_t height, int64_t width, const std::vector<uint16_t>& values,
                  int64_t channels = 1) const {
    make_folder((*this / name).parent_path());
    PngWriter writer(*this / name, {height, width, channels, 16});
    for (int64_t y = 0; y < height; ++y) writer.write_row(values.data() + y * width * channels);
    writer.finish();
  }
};

}  // namespace forger
