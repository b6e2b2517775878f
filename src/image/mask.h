#pragma once

#include <string>
#include <string_view>

#include "image/pixels.h"

namespace forger {

/// Decodes an image file that marks a part of another image: one channel, 255 where it marks, 0 elsewhere, upright.
/// Masks are told by what they hold, whatever their tool writes:
/// - a few levels, or areas of single levels (0 and 1, 0 and 255, numbers of classes or parts, in 8 or 16 bits,
/// colours):
///   all above 0 marks;
/// - many (soft edges): from half of the brightest level on;
/// - lossy files (JPEG, most WebP), where what was 0 is only near it: from 0.3 of the brightest level on.
/// A colour counts by its largest channel. What is see-through marks nothing; where all that is opaque is black, it
/// marks. Throws Error beginning with `name`: no readable image, or levels that none of this reads.
Pixels decode_mask(std::string_view bytes, const std::string& name);

}  // namespace forger
