#include "data/open.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>
#include <utility>

#include "config/game_table.h"
#include "core/fail.h"
#include "core/text.h"
#include "data/conversion.h"
#include "data/data_choices.h"
#include "data/degraded_dataset.h"
#include "data/derivation.h"
#include "data/image_dataset.h"
#include "data/open_unpaired.h"
#include "data/pair_dataset.h"
#include "data/pairs.h"
#include "data/source.h"

namespace forger {
namespace {

/// The side of a part that super-resolution learns from where nobody says another.
constexpr int64_t kPartPx = 96, kSmallPartPx = 16;

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
  data.marks = marks_of(*source);
  data.fit = fit;
  data.held_out_share = options.held_out;
  data.incomplete = source->incomplete();
  add_passed_over(*source, data);
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
  check_data_options(options);
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
  check_data_options(options);
  const Fit fit = parse_fit(options.fit);
  const auto pairs = open_pairs(open_source(options), options.source, config.pairs);
  PairDataset::Recipe recipe{.source_channels = config.pairs.channels,
                             .fit = fit,
                             .enlarge = config.pairs.enlarge,
                             .cache_bytes = parse_bytes(options.cache, "data.cache"),
                             .sources = pairs.sources,
                             .kinds = config.pairs.kinds};
  if (!pairs.sources) {
    recipe.derivation.emplace(config.pairs);
    recipe.images_are_derived = config.pairs.direction == "b2a";
  } else if (recipe.source_channels == 0) {
    recipe.source_channels = recipe.kinds > 0 ? 1 : channels_of(*pairs.sources, options);
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
    case DataKind::sides: return open_unpaired(config);
  }
  return {};
}

OpenedData open_data(const DataOptions& options) {
  check_data_options(options);
  parse_fit(options.fit);  // what costs nothing is refused first
  return open_data(options, open_source(options));
}

OpenedData open_data(const DataOptions& options, std::shared_ptr<const Source> source) {
  check_data_options(options);
  const auto cache = parse_bytes(options.cache, "data.cache");
  return open_split(options, std::move(source), set_aside_of(options), parse_fit(options.fit),
                    [&](const auto& from, const auto& items, const OpenedData& data, const auto& labels) {
                      return std::make_shared<ImageDataset>(from, items, labels, data.shape, data.fit, data.levels,
                                                            cache);
                    });
}

}  // namespace forger
