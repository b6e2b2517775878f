#include "image/mask.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "image/codecs.h"
#include "image/image_file.h"

namespace forger {
namespace {

/// As many levels or fewer have a meaning each.
constexpr int64_t kFewLevels = 16;
/// Of the brightest level: what edges blurred by loss or by hand belong to.
constexpr double kLossyShare = 0.3, kSoftShare = 0.5;
/// Of the highest possible level: below it, blur and loss leave nothing to tell.
constexpr double kLeastBrightest = 1.0 / 8;
/// Of the pixels between nothing and the brightest level: those in areas of one level, where levels are numbers.
constexpr double kFlatShare = 0.75;

/// How strongly each pixel is marked.
struct MaskLevels {
  int64_t height = 0, width = 0;
  std::vector<uint16_t> values;
  uint16_t highest = 255;  ///< possible level

  uint16_t at(int64_t y, int64_t x) const { return values[static_cast<size_t>(y * width + x)]; }
};

/// Of interleaved colours: the largest channel where they are opaque.
template <class Value>
MaskLevels levels_of(const std::vector<Value>& colors, int64_t height, int64_t width, int64_t channels, Value highest) {
  MaskLevels levels{height, width, std::vector<uint16_t>(static_cast<size_t>(height * width)), highest};
  const auto step = static_cast<size_t>(channels), shown = channels == 4 ? size_t{3} : step;
  bool see_through = false, opaque = false, colored = false;
  const auto is_opaque = [&](size_t pixel) { return channels != 4 || colors[pixel * step + 3] > highest / 2; };
  for (size_t i = 0; i < levels.values.size(); ++i) {
    (is_opaque(i) ? opaque : see_through) = true;
    const auto first = colors.begin() + static_cast<std::ptrdiff_t>(i * step);
    if (is_opaque(i)) levels.values[i] = *std::max_element(first, first + static_cast<std::ptrdiff_t>(shown));
    colored |= levels.values[i] > 0;
  }
  if (!colored && see_through && opaque) {  // drawn in black on nothing
    for (size_t i = 0; i < levels.values.size(); ++i) levels.values[i] = is_opaque(i) ? highest : uint16_t{0};
  }
  return levels;
}

/// Whether levels fill areas, as numbers of classes do, instead of running into each other.
bool is_flat(const MaskLevels& levels, uint16_t brightest) {
  int64_t between = 0, alike = 0;
  for (int64_t y = 0; y < levels.height; ++y) {
    for (int64_t x = 0; x < levels.width; ++x) {
      const uint16_t level = levels.at(y, x);
      if (level == 0 || level == brightest) continue;
      ++between;
      // A straight soft edge has one level along itself, and others across.
      const bool beside =
          (x > 0 && levels.at(y, x - 1) == level) || (x + 1 < levels.width && levels.at(y, x + 1) == level);
      const bool above =
          (y > 0 && levels.at(y - 1, x) == level) || (y + 1 < levels.height && levels.at(y + 1, x) == level);
      alike += beside && above;
    }
  }
  return static_cast<double>(alike) >= kFlatShare * static_cast<double>(between);
}

/// The lowest level that marks.
double lowest_mark(const MaskLevels& levels, bool lossy) {
  std::vector<bool> found(size_t{levels.highest} + 1);
  for (const uint16_t level : levels.values) found[level] = true;
  const auto count = std::count(found.begin(), found.end(), true);
  const auto [darkest, brightest] = std::minmax_element(levels.values.begin(), levels.values.end());
  if (!lossy && (count <= kFewLevels || is_flat(levels, *brightest))) {
    if (*darkest == 0 || count == 1) return 1;
    if (*darkest <= kSoftShare * levels.highest && *brightest > kSoftShare * levels.highest)
      return kSoftShare * levels.highest;
    fail("its levels are {} to {}, accepted: a mask that is 0 where it marks nothing", *darkest, *brightest);
  }
  if (*brightest > 0 && *brightest < kLeastBrightest * levels.highest) {
    fail("its brightest level is {} of {}, {}; accepted: bright marks, or few levels in a PNG file", *brightest,
         levels.highest,
         lossy ? "which a lossy file does not keep apart from 0" : "and what it marks runs into the rest");
  }
  return (lossy ? kLossyShare : kSoftShare) * *brightest;
}

Pixels marks_of(const MaskLevels& levels, bool lossy) {
  const double lowest = std::max(lowest_mark(levels, lossy), 1.0);
  Pixels marks(levels.height, levels.width, 1);
  std::transform(levels.values.begin(), levels.values.end(), marks.values.begin(),
                 [&](uint16_t level) { return level >= lowest ? uint8_t{255} : uint8_t{0}; });
  return marks;
}

}  // namespace

Pixels decode_mask(std::string_view bytes, const std::string& name) {
  const ImageInfo info = image_info(bytes, name);
  const bool wide = info.format == ImageFormat::png && info.bit_depth == 16;
  const Pixels image = wide ? Pixels() : decode_image(bytes, name);
  return codecs::naming(name, [&] {
    if (!wide)
      return marks_of(levels_of<uint8_t>(image.values, image.height, image.width, image.channels, 255), info.lossy);
    // 8 bits would make 0 of 1.
    const bool turned = info.orientation >= 5;
    const auto levels = levels_of<uint16_t>(codecs::decode_wide_png(bytes), turned ? info.width : info.height,
                                            turned ? info.height : info.width, 4, 65535);
    return to_upright(marks_of(levels, false), info.orientation);
  });
}

}  // namespace forger
