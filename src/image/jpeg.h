#pragma once

#include <string>

#include "image/pixels.h"

namespace forger {

/// A grey or RGB image as the bytes of a JPEG file. `quality`: 1 to 100, as libjpeg scales its tables; below 90,
/// colours have half the resolution. Throws Error where libjpeg does.
std::string encode_jpeg(const Pixels& image, int quality);

}  // namespace forger
