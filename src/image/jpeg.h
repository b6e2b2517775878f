#pragma once

#include <string>

#include "image/pixels.h"

namespace forger {

/// A grey or RGB image as the bytes of a JPEG file, colours at half resolution as cameras store them. `quality`: 1 to
/// 100, as libjpeg scales its tables. Throws Error where libjpeg does.
std::string encode_jpeg(const Pixels& image, int quality);

}  // namespace forger
