#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "core/fail.h"
#include "image/image_file.h"

// One set of functions a format, used by image_file.cpp, rows.cpp and mask.cpp alone. `info` describes the image as it
// is stored: height and width before orientation. All throw Error with the bare reason.
namespace forger::codecs {

/// Does `work`; whatever it throws (also "not enough memory") becomes an Error that begins with the file's name.
template <class Work>
auto naming(const std::string& name, Work&& work) {
  try {
    return work();
  } catch (const Error& error) {
    fail("{}: {}", name, error.what());
  } catch (const std::bad_alloc&) {
    fail("{}: not enough memory to decode it", name);
  }
}

/// Decodes a file's rows from the top down.
class RowDecoder {
 public:
  virtual ~RowDecoder() = default;
  /// The next row; the one after the last does not exist.
  virtual void read(uint8_t* row) = 0;
};

ImageInfo png_info(std::string_view bytes);
/// In full size.
Pixels decode_png(std::string_view bytes, const DecodeGoal& goal);
/// Of a 16-bit file: the colours as they are stored, but for those of pixels whose alpha is 0.
std::vector<uint16_t> deep_png_colors(std::string_view bytes);
/// All 16 bits, as RGBA, in stored orientation.
std::vector<uint16_t> decode_wide_png(std::string_view bytes);
/// All 16 bits in the image's channels, two bytes a value, in stored orientation: two channels stand for one.
Pixels decode_deep_png(std::string_view bytes);
/// Of a file of grey levels without alpha, or of a palette: the numbers that it stores, of 1 to 16 bits.
std::vector<uint16_t> png_numbers(std::string_view bytes);
/// Null for files that are interlaced or, unless their rows are to be of two bytes a value (`deep`), have 16 bits. The
/// bytes must outlive it.
std::unique_ptr<RowDecoder> png_rows(std::string_view bytes, bool deep);

ImageInfo jpeg_info(std::string_view bytes);
/// `goal` in stored orientation.
Pixels decode_jpeg(std::string_view bytes, const DecodeGoal& goal);
/// In full size; null for CMYK. The bytes must outlive it.
std::unique_ptr<RowDecoder> jpeg_rows(std::string_view bytes);

ImageInfo webp_info(std::string_view bytes);
Pixels decode_webp(std::string_view bytes);

/// The ICC profile; empty where there is none.
std::string png_profile(std::string_view bytes);
std::string jpeg_profile(std::string_view bytes);
std::string webp_profile(std::string_view bytes);

/// Whether an ICC profile is of other colours than sRGB's, as far as its description tells.
bool is_other_profile(std::string_view profile);

/// The orientation in an EXIF block ("Exif\0\0" in front or not), 1 when there is none or it makes no sense.
int exif_orientation(std::string_view exif);

}  // namespace forger::codecs
