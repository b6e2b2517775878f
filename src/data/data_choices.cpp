#include "data/data_choices.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/fail.h"
#include "core/random.h"
#include "core/text.h"

namespace forger {
namespace {

constexpr int64_t kMaxHeldOutImages = 10'000;
/// What the smallest set that can be judged holds out.
constexpr int64_t kFewestHeldOutImages = 2;
/// The sides that an image's own size may have to be taken for the size of training; larger sets come down
/// to 64.
constexpr int64_t kMinOwnSidePx = 16, kMaxOwnSidePx = 256, kDefaultSidePx = 64, kMaxSidePx = 8192;
/// Headers read, evenly spread over the set, to decide size and channels; and images decoded to look at their
/// alpha.
constexpr int64_t kProbedHeaders = 1000, kProbedAlpha = 32;

/// Whether a transparent pixel is to be seen; alpha channels are often there without saying anything.
bool says_something(const Pixels& image) {
  for (size_t i = 3; image.channels == 4 && i < image.values.size(); i += 4) {
    if (image.values[i] < 255) return true;
  }
  return false;
}

/// Why images do not come in their own size, and how to choose.
std::string resized_text(int64_t height, int64_t width, bool same_size, const ImageShape& shape) {
  constexpr int64_t kMultiple = 8;  // fits the networks
  const auto up = [](int64_t side) { return (side + kMultiple - 1) / kMultiple * kMultiple; };
  std::string why = "the images have several sizes", choice = "[height,width] chooses another size";
  if (same_size && std::min(height, width) < kMinOwnSidePx) {
    why = fmt::format("the images are {}x{} (height x width), smaller than {} pixels a side", height, width,
                      kMinOwnSidePx);
    choice = fmt::format("[{},{}] is near their own size", up(height), up(width));
  } else if (same_size) {
    why = fmt::format("the images are {}x{} (height x width), larger than {} pixels a side", height, width,
                      kMaxOwnSidePx);
  }
  return fmt::format("{}: they are brought to {}x{}; data.size={}, and data.fit says how", why, shape.height,
                     shape.width, choice);
}

}  // namespace

void check_data_options(const DataOptions& options) {
  const auto& size = options.size;
  const auto fits = [](int64_t side) { return side >= 1 && side <= kMaxSidePx; };
  if (!size.empty() && (size.size() != 2 || !fits(size[0]) || !fits(size[1]))) {
    std::vector<std::string> words;
    for (const int64_t side : size) words.push_back(std::to_string(side));
    fail("data.size: received [{}], accepted: [height, width], each 1 to {} pixels", join(words), kMaxSidePx);
  }
  const int64_t channels = options.channels;
  if (channels != 0 && channels != 1 && channels != 3 && channels != 4 && !options.source.starts_with("synthetic:")) {
    fail("data.channels: received {}, accepted: 1 (grey), 3 (RGB), 4 (RGBA), 0 (as the images are)", channels);
  }
  if (!(options.held_out >= 0 && options.held_out < 1)) {
    fail("data.held_out: received {}, accepted: 0 to below 1", options.held_out);
  }
}

ImageShape choose_shape(const Source& source, const std::vector<int64_t>& indices, const DataOptions& options,
                        std::string& notice) {
  if (source.has_points()) return {2, 1, 1};
  ImageShape shape{options.channels, 0, 0};
  if (!options.size.empty()) shape = {options.channels, options.size[0], options.size[1]};
  if (shape.channels > 0 && shape.height > 0) return shape;

  const auto count = static_cast<int64_t>(indices.size());
  const int64_t probes = std::min(count, kProbedHeaders);
  bool same_size = true, all_grey = true;
  int64_t readable = 0, transparent = 0, looked_at = 0, height = 0, width = 0;
  std::string first_error;
  for (int64_t probe = 0; probe < probes; ++probe) {
    const int64_t index = indices[static_cast<size_t>(probe * count / probes)];
    try {
      const ImageInfo info = source.info(index);
      if (readable++ == 0) {
        height = info.height;
        width = info.width;
      }
      same_size &= info.height == height && info.width == width;
      all_grey &= info.mode.starts_with("grey");
      if (looked_at >= kProbedAlpha || options.channels > 0) continue;
      ++looked_at;
      transparent += info.alpha && says_something(source.decode(index, {}));
    } catch (const Error& error) {
      if (first_error.empty()) first_error = error.what();
    }
  }
  if (readable == 0) fail("none of {} images in {} can be read; the first: {}", probes, options.source, first_error);
  if (shape.channels == 0) shape.channels = 2 * transparent > looked_at ? 4 : all_grey ? 1 : 3;
  if (shape.height == 0) {
    const bool usable =
        same_size && std::min(height, width) >= kMinOwnSidePx && std::max(height, width) <= kMaxOwnSidePx;
    shape.height = usable ? height : kDefaultSidePx;
    shape.width = usable ? width : kDefaultSidePx;
    if (!usable) notice = resized_text(height, width, same_size, shape);
  }
  return shape;
}

std::vector<uint32_t> marks_of(const Source& source) {
  std::vector<uint32_t> marks;
  for (int64_t i = 0; i < source.size(); ++i) marks.push_back(source.mark(i));
  return marks;
}

Split choose_held_out(const std::vector<uint32_t>& marks, const std::vector<int64_t>& items, double share) {
  const auto count = static_cast<int64_t>(items.size());
  Split split{std::vector<bool>(items.size()), share};
  if (share <= 0) return split;
  std::vector<std::pair<double, int64_t>> places;  // in [0, 1), and of which item
  for (int64_t i = 0; i < count; ++i) {
    const uint64_t mixed = derive_seed(0, Stream::held_out, marks[static_cast<size_t>(items[static_cast<size_t>(i)])]);
    places.emplace_back(static_cast<double>(mixed) * 0x1p-64, i);
  }
  const auto below = [&](double limit) {
    return std::count_if(places.begin(), places.end(), [&](const auto& place) { return place.first < limit; });
  };
  while (below(split.share) > kMaxHeldOutImages) split.share /= 2;
  const int64_t expected = std::min<int64_t>(std::llround(static_cast<double>(count) * split.share), count - 1);
  int64_t held = below(split.share);
  if (held < std::min(expected, kFewestHeldOutImages) || held == count) held = expected;
  std::nth_element(places.begin(), places.begin() + held, places.end());
  for (int64_t i = 0; i < held; ++i) split.is_held[static_cast<size_t>(places[static_cast<size_t>(i)].second)] = true;
  return split;
}

void add_passed_over(const Source& source, OpenedData& data) {
  const auto passed_over = source.ignored();
  if (passed_over.empty()) return;
  data.notices.push_back(fmt::format("passed over: {} (no images by name, or no data)", passed_over_text(passed_over)));
}

}  // namespace forger
