#include "api/upscaled_pairs.h"

#include <algorithm>

#include "core/fail.h"
#include "image/float_image.h"
#include "image/tiles.h"

namespace forger {

Pairs::Pairs(const Questions& questions, const std::string& low, int64_t scale, int64_t least_px)
    : questions_(questions), place_(low), scale_(scale), least_px_(least_px) {
  if (low.empty()) return;
  DataOptions options;
  options.source = low;
  low_.emplace(open_source(options), scale, "option low");
}

Pair Pairs::of(int64_t item, const Pixels& image, int64_t& clipped) const {
  const auto name = questions_.source().name(item);
  if (std::min(image.height, image.width) < least_px_) {
    fail("{}: is {}x{} (height x width), accepted: at least {} pixels a side", name, image.height, image.width,
         least_px_);
  }
  const int64_t channels = image.channels == 1 ? 1 : 3;
  const int64_t small_height = image.height / scale_, small_width = image.width / scale_;
  Pair pair{to_channels(cut(image, 0, 0, small_height * scale_, small_width * scale_), channels), {}};
  if (!low_) {
    pair.small = to_pixels(resized(to_float(pair.truth), small_height, small_width));
    return pair;
  }
  const int64_t number = low_->number_of(name);
  DeepCount count;
  pair.small = to_channels(low_->decode(number, questions_.levels(), &count), channels);
  clipped += count.beyond > 0;
  low_->check_size(number, pair.small, name, image.height, image.width);
  return pair;
}

std::string Pairs::describe() const {
  if (low_) return place_;
  return fmt::format("made of the images: bicubic, antialiased, 1/{} of the sides, 8 bits", scale_);
}

}  // namespace forger
