#pragma once

#include <string_view>

#include "image/image_file.h"

// One pair of functions a format, used by image_file.cpp alone. `info` describes the image as it is stored:
// height and width before orientation. Both throw Error with the bare reason.
namespace forger::codecs {

ImageInfo png_info(std::string_view bytes);
Pixels decode_png(std::string_view bytes);

ImageInfo jpeg_info(std::string_view bytes);
/// `goal` in stored orientation.
Pixels decode_jpeg(std::string_view bytes, const DecodeGoal& goal);

ImageInfo webp_info(std::string_view bytes);
Pixels decode_webp(std::string_view bytes);

/// The orientation in an EXIF block ("Exif\0\0" in front or not), 1 when there is none or it makes no sense.
int exif_orientation(std::string_view exif);

}  // namespace forger::codecs
