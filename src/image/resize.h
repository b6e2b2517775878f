#pragma once

#include <cstdint>
#include <string>

#include "core/shape.h"
#include "image/pixels.h"

namespace forger {

/// How an image of another size comes to its size: the middle is cut out, black (transparent) edges are
/// added, the image is stretched, or cut into tiles, each of which is an image of its own.
enum class Fit { crop, pad, stretch, tiles };

/// "crop", "pad", "stretch" or "tiles". Throws Error naming `data.fit`.
Fit parse_fit(const std::string& name);

/// `nearest` takes one pixel for each, and mixes none.
enum class Filter { nearest, bilinear, bicubic };

/// Antialiased resize, bit for bit that of Pillow 13's `Image.resize`: two passes with 8 bits in between and 22-bit
/// fixed-point weights. (Earlier versions of Pillow always begin with the rows, which differs, on noise by up to 22
/// levels, where an image loses much height and little width.) Transparent images are resized with premultiplied
/// alpha. With Filter::nearest it is that of Pillow, too. ATen's 8-bit resize is faster but strays by several levels.
/// Sizes are at least 1 px.
Pixels resize(const Pixels& image, int64_t height_px, int64_t width_px, Filter filter = Filter::bicubic);

/// The image in the given shape: channels, then fit, then resize. A tile has the size already.
Pixels fit_image(Pixels image, const ImageShape& shape, Fit fit, Filter filter = Filter::bicubic);

}  // namespace forger
