#include "data/open_unpaired.h"

#include <utility>

#include "core/text.h"
#include "data/conversion.h"
#include "data/data_choices.h"
#include "data/sides.h"
#include "data/unpaired_dataset.h"

namespace forger {
namespace {

/// One side with its items, and what is common to both.
struct SplitSide {
  std::shared_ptr<const Source> source;
  std::vector<int64_t> items;
  std::vector<uint32_t> marks;
  OneSide::Recipe recipe;
  Split split;

  std::vector<int64_t> part(bool held) const {
    std::vector<int64_t> chosen;
    for (size_t i = 0; i < items.size(); ++i) {
      if (split.is_held[i] == held) chosen.push_back(items[i]);
    }
    return chosen;
  }
};

}  // namespace

OpenedData open_unpaired(const Config& config) {
  DataOptions options = config.data;
  check_data_options(options);
  const auto sides = open_sides(open_source(options), options.source, config.pairs);
  OpenedData data;
  data.source = sides.a;
  data.fit = parse_fit(options.fit);
  data.incomplete = sides.a->incomplete();
  add_passed_over(*sides.a, data);
  auto both = sides.of_a;
  both.insert(both.end(), sides.of_b.begin(), sides.of_b.end());
  std::string size;
  const auto common = choose_shape(*sides.a, both, options, size);
  if (!size.empty()) data.notices.push_back(size);
  data.notices.push_back(sides.notice);

  data.marks = marks_of(*sides.a);
  SplitSide a{sides.a, sides.of_a, data.marks, {}, {}};
  SplitSide b{sides.b, sides.of_b, sides.b == sides.a ? data.marks : marks_of(*sides.b), {}, {}};
  const bool makes_a = config.pairs.direction == "b2a";
  const auto channels = [&](const SplitSide& side, int64_t wanted) {
    if (wanted > 0) return wanted;
    DataOptions open = options;
    open.channels = 0;
    return choose_shape(*side.source, side.items, open, size).channels;
  };
  const int64_t of_images = options.channels, of_sources = config.pairs.channels;
  b.recipe.shape = {channels(b, makes_a ? of_sources : of_images), common.height, common.width};
  a.recipe.shape = b.recipe.shape;
  if (sides.a_is_derived) {
    a.recipe.derivation.emplace(config.pairs);
    a.recipe.picture_channels = channels(a, 0);
    const int64_t wanted = makes_a ? of_images : of_sources;
    a.recipe.shape.channels = wanted > 0 ? wanted : a.recipe.derivation->channels(a.recipe.picture_channels);
  } else {
    a.recipe.shape.channels = channels(a, makes_a ? of_images : of_sources);
  }

  data.held_out_share = options.held_out;
  for (const auto* side : {&a, &b}) {
    data.held_out_share = choose_held_out(side->marks, side->items, data.held_out_share).share;
  }
  for (auto* side : {&a, &b}) side->split = choose_held_out(side->marks, side->items, data.held_out_share);
  data.items = a.part(false);
  const auto others = b.part(false);
  data.items.insert(data.items.end(), others.begin(), others.end());
  data.levels = choose_levels(*data.source, data.items, options);
  for (auto* side : {&a, &b}) {
    side->recipe.fit = data.fit;
    side->recipe.levels = data.levels;
    side->recipe.enlarge = config.pairs.enlarge;
    side->recipe.cache_bytes = parse_bytes(options.cache, "data.cache") / 2;
  }
  const auto &made = makes_a ? a : b, &from = makes_a ? b : a;
  data.shape = made.recipe.shape;
  data.source_shape = from.recipe.shape;
  const auto part = [&](bool held) {
    return std::make_shared<const UnpairedDataset>(
        std::make_unique<const OneSide>(made.source, made.part(held), made.recipe),
        std::make_unique<const OneSide>(from.source, from.part(held), from.recipe), options.max_bad);
  };
  data.training = part(false);
  data.held_out = part(true);
  return data;
}

}  // namespace forger
