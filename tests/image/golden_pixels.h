#pragma once

#include <filesystem>
#include <sstream>
#include <string>

#include "core/files.h"
#include "image/pixels.h"

namespace forger {

inline std::filesystem::path golden_folder() {
  return std::filesystem::path(FORGER_TEST_DATA).parent_path() / "image" / "golden";
}

inline std::string golden_file(const std::string& name) { return read_file(golden_folder() / name); }

/// Expected pixels, as golden/make.py writes them.
inline Pixels golden_pixels(const std::string& name) {
  const std::string content = golden_file(name + ".pixels");
  const size_t line = content.find('\n');
  std::istringstream header(content.substr(0, line));
  int64_t height = 0, width = 0, channels = 0;
  header >> height >> width >> channels;
  Pixels image(height, width, channels);
  std::copy(content.begin() + static_cast<int64_t>(line) + 1, content.end(), image.values.begin());
  return image;
}

/// The largest difference of two images of one shape, in levels; 256 when the shapes differ.
inline int largest_difference(const Pixels& left, const Pixels& right) {
  if (left.height != right.height || left.width != right.width || left.channels != right.channels) return 256;
  int largest = 0;
  for (size_t i = 0; i < left.values.size(); ++i)
    largest = std::max(largest, std::abs(left.values[i] - right.values[i]));
  return largest;
}

}  // namespace forger
