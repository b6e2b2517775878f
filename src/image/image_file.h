#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/levels.h"
#include "image/pixels.h"

namespace forger {

/// Images with more pixels are refused by their header, before memory is taken for them: decompression bombs.
/// The number is the one at which Pillow refuses.
constexpr int64_t kMaxImagePixels = 178'956'970;

enum class ImageFormat { png, jpeg, webp };

/// What the header of an image file says.
struct ImageInfo {
  ImageFormat format = ImageFormat::png;
  /// In pixels, as the image is shown: EXIF orientation applied.
  int64_t height = 0;
  int64_t width = 0;
  /// Of the decoded image: 1 (grey), 3 (RGB), 4 (RGBA; also grey with alpha).
  int64_t channels = 0;
  /// For people: "grey", "grey with alpha", "RGB", "RGBA", "palette", "palette with alpha", "CMYK".
  std::string mode;
  bool alpha = false;
  /// Whether encoding may have changed levels a little.
  bool lossy = false;
  /// Bits of a channel in the file: 16-bit images are known from here, never from their values.
  int64_t bit_depth = 8;
  /// EXIF orientation, 1 (upright) to 8.
  int orientation = 1;
  /// More than one frame; the first is decoded.
  bool animated = false;
  /// An ICC profile of other colours than sRGB's is attached. It is not applied.
  bool other_profile = false;
};

/// Values of the colours of a 16-bit image, but for those of pixels that are not to be seen: all of them, and those
/// beyond the levels.
struct DeepCount {
  int64_t values = 0;
  int64_t beyond = 0;
};

/// How an image is wanted. How large it must be at least: JPEGs are decoded at the smallest scale that suffices, which
/// is a multiple of an eighth. And how 16-bit values become 8 bits.
struct DecodeGoal {
  /// In pixels, of the upright image; 0: full size.
  int64_t height = 0;
  int64_t width = 0;
  /// Whether both sides must be reached, or one is enough.
  bool both = true;
  /// For the colours of 16-bit images; alpha keeps its whole range.
  Levels levels = {};
  /// Above 0: the image is a label map of so many kinds, and the numbers that it stores are wanted, one channel, in
  /// full size, not what they look like.
  int64_t kinds = 0;
  /// Where to count what is beyond; null: nowhere.
  DeepCount* count = nullptr;
};

/// "PNG", "JPEG", "WebP".
std::string format_name(ImageFormat format);

/// The format that a file name's extension (any case) promises, or nothing when it is no image's.
std::optional<ImageFormat> format_of_extension(std::string_view file_name);

/// Reads the header of PNG, JPEG or WebP bytes; the format is known from the content. Throws Error, beginning
/// with `name`: empty, of another kind, damaged header, more than kMaxImagePixels.
ImageInfo image_info(std::string_view bytes, const std::string& name);

/// The ICC profile that is attached, as far as it is one of colours that decoding gives: grey of a grey image, else RGB
/// (none of inks). Empty where there is none. Throws as image_info does.
std::string icc_profile(std::string_view bytes, const std::string& name);

/// Whether an image may be a label map: whether it stores numbers, of grey levels or of a palette, without loss.
bool may_be_label_map(const ImageInfo& info);

/// Decodes to 8 bits and turns upright. 16-bit values are brought to 8 bits as `goal.levels` says; CMYK becomes RGB.
/// Throws Error, beginning with `name`, also for files that end early: no made-up pixels; and where `goal.kinds` asks
/// for a label map for what is none, and for one with numbers beyond.
Pixels decode_image(std::string_view bytes, const std::string& name, const DecodeGoal& goal = {});

/// The colours of a 16-bit image as they are stored, but for those of pixels that are not to be seen; empty for all
/// other images. Throws as decode_image does.
std::vector<uint16_t> deep_colors(std::string_view bytes, const std::string& name);

}  // namespace forger
