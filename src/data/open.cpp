#include "data/open.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>
#include <utility>

#include "config/game_table.h"
#include "core/fail.h"
#include "core/random.h"
#include "core/text.h"
#include "data/conversion.h"
#include "data/degraded_dataset.h"
#include "data/derivation.h"
#include "data/image_dataset.h"
#include "data/pair_dataset.h"
#include "data/pairs.h"
#include "data/source.h"

namespace forger {
namespace {

constexpr int64_t kMaxHeldOutImages = 10'000;
/// What the smallest set that can be judged holds out.
constexpr int64_t kFewestHeldOutImages = 2;
/// The side of a part that super-resolution learns from where nobody says another.
constexpr int64_t kPartPx = 96, kSmallPartPx = 16;
/// The sides that an image's own size may have to be taken for the size of training; larger sets come down
/// to 64.
constexpr int64_t kMinOwnSidePx = 16, kMaxOwnSidePx = 256, kDefaultSidePx = 64, kMaxSidePx = 8192;
/// Headers read, evenly spread over the set, to decide size and channels; and images decoded to look at their
/// alpha.
constexpr int64_t kProbedHeaders = 1000, kProbedAlpha = 32;

void check_options(const DataOptions& options) {
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

/// Size and channels where the options leave them open. `notice` gets what is to be said of the size.
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

/// The source's class numbers that are trained on, in the order of `data.classes`; empty when classes play no
/// part.
std::vector<int64_t> choose_classes(const Source& source, const DataOptions& options) {
  if (!options.labels && options.classes.empty()) return {};
  const auto count = static_cast<int64_t>(source.class_names().size());
  if (count == 0) {
    fail(
        "{}: {} has no classes, accepted: two or more first-level folders with no image beside them, an IDX "
        "label "
        "file, .cls members or folders in shards",
        options.labels ? "data.labels" : "data.classes", options.source);
  }
  std::vector<int64_t> classes(static_cast<size_t>(count));
  std::iota(classes.begin(), classes.end(), int64_t{0});
  if (options.classes.empty()) return classes;
  for (const int64_t number : options.classes) {
    if (number < 0 || number >= count) fail("data.classes: received {}, accepted: 0 to {}", number, count - 1);
  }
  if (std::set<int64_t>(options.classes.begin(), options.classes.end()).size() != options.classes.size()) {
    fail("data.classes: received a class twice, accepted: each once");
  }
  return options.classes;
}

std::vector<int64_t> choose_items(const Source& source, const DataOptions& options) {
  std::vector<int64_t> indices;
  for (int64_t i = 0; i < source.size(); ++i) {
    const auto& classes = options.classes;
    if (classes.empty() || std::find(classes.begin(), classes.end(), source.label(i)) != classes.end())
      indices.push_back(i);
  }
  if (indices.empty()) fail("data.classes: no image in {} is of these classes", options.source);
  return indices;
}

/// Which items are held out.
struct Split {
  std::vector<bool> is_held;
  double share = 0;
};

/// Those whose marks, mixed, lie in the lowest `share` of all numbers. Of a handful of images chance may leave none
/// there, or none elsewhere: then the lowest are taken by their number, and such a small set may change its sides when
/// it grows.
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

/// Makes the data set of some of a source's items; shape, levels and class numbers are decided.
using MakeDataset =
    std::function<std::shared_ptr<const Dataset>(std::shared_ptr<const Source> source, std::vector<int64_t> items,
                                                 const OpenedData& data, const std::vector<int64_t>& labels)>;

/// What the data itself sets aside, unless nothing is to be held out.
std::shared_ptr<const Source> set_aside_of(const DataOptions& options) {
  return options.held_out > 0 ? open_held_out_source(options) : nullptr;
}

/// `set_aside`: all that is held out, or null, where a share of the source is.
OpenedData open_split(const DataOptions& options, std::shared_ptr<const Source> source,
                      std::shared_ptr<const Source> set_aside, Fit fit, const MakeDataset& make) {
  const auto classes = choose_classes(*source, options);
  const auto items = choose_items(*source, options);

  OpenedData data;
  data.source = source;
  data.set_aside = std::move(set_aside);
  for (int64_t i = 0; i < source->size(); ++i) data.marks.push_back(source->mark(i));
  data.fit = fit;
  data.held_out_share = options.held_out;
  data.incomplete = source->incomplete();
  if (const auto passed_over = source->ignored(); !passed_over.empty()) {
    data.notices.push_back(
        fmt::format("passed over: {} (no images by name, or no data)", passed_over_text(passed_over)));
  }
  std::string size;
  data.shape = choose_shape(*source, items, options, size);
  if (!size.empty()) data.notices.push_back(size);
  data.classes = options.labels ? static_cast<int64_t>(classes.size()) : 0;
  std::vector<int64_t> training, held_out;
  if (data.set_aside) {
    training = items;
    held_out = choose_items(*data.set_aside, options);
  } else {
    const auto split = choose_held_out(data.marks, items, options.held_out);
    data.held_out_share = split.share;
    for (size_t i = 0; i < items.size(); ++i) (split.is_held[i] ? held_out : training).push_back(items[i]);
  }
  data.levels = choose_levels(*source, training, options);
  data.items = training;
  const auto labels = options.labels ? classes : std::vector<int64_t>{};
  data.training = make(source, std::move(training), data, labels);
  data.held_out = make(data.set_aside ? data.set_aside : source, std::move(held_out), data, labels);
  return data;
}

OpenedData open_degraded(const Config& config) {
  DataOptions options = config.data;
  const int64_t scale = config.upscaler.scale;
  if (options.size.empty()) {
    const int64_t side = std::max((kPartPx + scale - 1) / scale, kSmallPartPx) * scale;
    options.size = {side, side};
  }
  check_options(options);
  DegradedDataset::Recipe recipe{
      .scale = scale, .degradation = config.degradation, .cache_bytes = parse_bytes(options.cache, "data.cache")};
  std::shared_ptr<const Source> small;
  if (!config.degradation.low.empty()) {
    DataOptions low = options;
    low.source = config.degradation.low;
    small = open_source(low);
    recipe.low = std::make_shared<SmallImages>(small, scale, "degradation.low");
  }
  auto opened = open_split(options, open_source(options), set_aside_of(options), Fit::tiles,
                           [&](const auto& source, const auto& items, const OpenedData& data, const auto&) {
                             recipe.shape = data.shape;
                             recipe.levels = data.levels;
                             return std::make_shared<DegradedDataset>(source, items, recipe);
                           });
  opened.item_sources = std::move(small);
  opened.source_shape = {opened.shape.channels, opened.shape.height / scale, opened.shape.width / scale};
  return opened;
}

/// Channels that the items of a source have on the whole.
int64_t channels_of(const Source& source, const DataOptions& options) {
  std::vector<int64_t> all(static_cast<size_t>(source.size()));
  std::iota(all.begin(), all.end(), int64_t{0});
  DataOptions own = options;
  own.channels = 0;
  std::string ignored;
  return choose_shape(source, all, own, ignored).channels;
}

OpenedData open_paired(const Config& config) {
  DataOptions options = config.data;
  check_options(options);
  const Fit fit = parse_fit(options.fit);
  const auto pairs = open_pairs(open_source(options), options.source, config.pairs);
  PairDataset::Recipe recipe{.source_channels = config.pairs.channels,
                             .fit = fit,
                             .enlarge = config.pairs.enlarge,
                             .cache_bytes = parse_bytes(options.cache, "data.cache"),
                             .sources = pairs.sources};
  if (!pairs.sources) {
    recipe.derivation.emplace(config.pairs);
    recipe.images_are_derived = config.pairs.direction == "b2a";
  } else if (recipe.source_channels == 0) {
    recipe.source_channels = channels_of(*pairs.sources, options);
  }
  // What the pictures are decides about the side that is made of them.
  if (recipe.images_are_derived) options.channels = config.pairs.channels;
  auto opened = open_split(options, pairs.images, pairs.sources ? nullptr : set_aside_of(options), fit,
                           [&](const auto& source, const auto& items, const OpenedData& data, const auto&) {
                             const auto derived = [&](int64_t wanted) {
                               return wanted > 0 ? wanted : recipe.derivation->channels(data.shape.channels);
                             };
                             recipe.shape = data.shape;
                             recipe.levels = data.levels;
                             if (recipe.images_are_derived) {
                               recipe.source_channels = data.shape.channels;
                               recipe.shape.channels = derived(config.data.channels);
                             } else if (recipe.derivation) {
                               recipe.source_channels = derived(config.pairs.channels);
                             }
                             return std::make_shared<PairDataset>(source, items, recipe);
                           });
  opened.shape = recipe.shape;
  opened.item_sources = pairs.sources;
  opened.source_shape = {recipe.source_channels, recipe.shape.height, recipe.shape.width};
  opened.notices.push_back(pairs.notice);
  return opened;
}

}  // namespace

std::string size_notice(const Source& source, const DataOptions& options) {
  std::vector<int64_t> all(static_cast<size_t>(source.size()));
  std::iota(all.begin(), all.end(), int64_t{0});
  std::string notice;
  choose_shape(source, all, options, notice);
  return notice;
}

OpenedData open_data(const Config& config) {
  switch (game_named(config.game).data) {
    case DataKind::images: return open_data(config.data);
    case DataKind::degraded: return open_degraded(config);
    case DataKind::pairs: return open_paired(config);
  }
  return {};
}

OpenedData open_data(const DataOptions& options) {
  check_options(options);
  parse_fit(options.fit);  // what costs nothing is refused first
  return open_data(options, open_source(options));
}

OpenedData open_data(const DataOptions& options, std::shared_ptr<const Source> source) {
  check_options(options);
  const auto cache = parse_bytes(options.cache, "data.cache");
  return open_split(options, std::move(source), set_aside_of(options), parse_fit(options.fit),
                    [&](const auto& from, const auto& items, const OpenedData& data, const auto& labels) {
                      return std::make_shared<ImageDataset>(from, items, labels, data.shape, data.fit, data.levels,
                                                            cache);
                    });
}

}  // namespace forger
