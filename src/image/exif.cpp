#include "image/codecs.h"

namespace forger::codecs {
namespace {

/// Reads a TIFF block of either byte order; positions beyond the end read as 0.
class TiffReader {
 public:
  explicit TiffReader(std::string_view bytes) : bytes_(bytes), little_(bytes.substr(0, 2) == "II") {}

  uint32_t number(size_t position, size_t size) const {
    if (position > bytes_.size() || bytes_.size() - position < size) return 0;
    uint32_t value = 0;
    for (size_t i = 0; i < size; ++i) {
      const size_t at = little_ ? position + size - 1 - i : position + i;
      value = value << 8 | static_cast<uint8_t>(bytes_[at]);
    }
    return value;
  }

 private:
  std::string_view bytes_;
  bool little_;
};

}  // namespace

int exif_orientation(std::string_view exif) {
  constexpr uint32_t kOrientationTag = 0x0112, kShort = 3;
  constexpr std::string_view kPrefix("Exif\0\0", 6);
  if (exif.substr(0, kPrefix.size()) == kPrefix) exif.remove_prefix(kPrefix.size());
  const std::string_view order = exif.substr(0, 2);
  if (order != "II" && order != "MM") return 1;
  const TiffReader tiff(exif);
  const size_t directory = tiff.number(4, 4);
  const uint32_t entries = tiff.number(directory, 2);
  for (uint32_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + size_t{12} * i;
    if (tiff.number(entry, 2) != kOrientationTag || tiff.number(entry + 2, 2) != kShort) continue;
    const uint32_t orientation = tiff.number(entry + 8, 2);
    return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
  }
  return 1;
}

}  // namespace forger::codecs
