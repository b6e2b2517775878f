#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "core/files.h"
#include "image/pixels.h"
#include "image/png.h"

namespace forger {

/// A folder that goes with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "forger_data_test_XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  std::string string() const { return path_.string(); }

  /// Writes a file, making the folders that it needs.
  void write(const std::string& name, const std::string& content) const {
    make_folder((path_ / name).parent_path());
    write_file_atomically(path_ / name, content);
  }

  /// An image of one colour whose first pixel differs, so that it has an up and a left.
  void write_image(const std::string& name, int64_t height, int64_t width, uint8_t level,
                   int64_t channels = 3) const {
    Pixels image(height, width, channels);
    std::fill(image.values.begin(), image.values.end(), level);
    image.values[0] = static_cast<uint8_t>(level ^ 0x80);
    if (channels == 4) image.values[3] = 0;
    write(name, encode_png(to_tensor(image)));
  }

 private:
  std::filesystem::path path_;
};

}  // namespace forger
