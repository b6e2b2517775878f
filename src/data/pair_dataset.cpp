#include "data/pair_dataset.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/fail.h"
#include "core/random.h"
#include "image/tiles.h"

namespace forger {

PairDataset::PairDataset(std::shared_ptr<const Source> pictures, const std::vector<int64_t>& indices, Recipe recipe)
    : pictures_(std::move(pictures)), recipe_(std::move(recipe)) {
  int64_t largest = 1;
  for (const int64_t picture : indices) {
    const auto [parts, bytes] = parts_of(picture);
    items_.insert(items_.end(), static_cast<size_t>(parts), picture);
    largest = std::max(largest, bytes);
  }
  if (!varies()) return;
  const int64_t sides = recipe_.sources ? 2 : 1;
  kept_ = std::max<int64_t>(recipe_.cache_bytes / (sides * largest), 1);
  whole_ = std::make_unique<PictureCache>(kept_);
  whole_sources_ = std::make_unique<PictureCache>(kept_);
}

std::pair<int64_t, int64_t> PairDataset::parts_of(int64_t picture) const {
  if (!varies()) return {1, 0};  // its size does not count
  try {
    const auto info = pictures_->info(picture);
    const int64_t area = recipe_.shape.height * recipe_.shape.width;
    const int64_t parts = cuts_parts() ? std::max<int64_t>(info.height * info.width / area, 1) : 1;
    return {parts, info.height * info.width * info.channels};
  } catch (const Error&) {
    return {1, 0};  // `get` will say what is wrong with it
  }
}

bool PairDataset::varies() const {
  return cuts_parts() || recipe_.enlarge > 1 || (recipe_.derivation && recipe_.derivation->is_drawn());
}

PictureCache::Picture PairDataset::decode(const Source& from, PictureCache* kept, int64_t picture,
                                          int64_t kinds) const {
  // At its full size: both sides must be cut at the same places.
  const auto read = [&] { return from.decode(picture, {.levels = recipe_.levels, .kinds = kinds}); };
  return kept ? kept->get(picture, read) : std::make_shared<const Pixels>(read());
}

Pixels PairDataset::part(const Pixels& picture, int64_t channels, int64_t height, int64_t width, const Box& box,
                         Filter filter) const {
  if (cuts_parts()) return to_channels(cut(picture, box.top, box.left, box.height, box.width), channels);
  return cut(fit_image(picture, {channels, height, width}, recipe_.fit, filter), box.top, box.left, box.height,
             box.width);
}

Item PairDataset::get(int64_t index, uint64_t draw) const {
  const int64_t number = items_[static_cast<size_t>(index)];
  const auto picture = decode(*pictures_, whole_.get(), number);
  const auto [channels, height, width] = recipe_.shape;
  const double enlarge = draw == kFixedDraw ? 1 : recipe_.enlarge;
  const auto sized = [&](int64_t side) -> int64_t { return std::llround(enlarge * static_cast<double>(side)); };
  const int64_t whole_height = cuts_parts() ? picture->height : sized(height);
  const int64_t whole_width = cuts_parts() ? picture->width : sized(width);
  if (whole_height < height || whole_width < width) {
    fail("{}: is {}x{} (height x width), smaller than the {}x{} that are trained on", pictures_->name(number),
         whole_height, whole_width, height, width);
  }
  const ItemRandom random(derive_seed(draw, Stream::data_draw, static_cast<uint64_t>(index)));
  const int64_t top = random.whole(whole_height - height + 1), left = random.whole(whole_width - width + 1);
  const Box box{top, left, height, width};
  Item item;
  if (recipe_.sources) {
    const auto source = decode(*recipe_.sources, whole_sources_.get(), number, recipe_.kinds);
    if (source->height != picture->height || source->width != picture->width) {
      fail("{}: is {}x{} (height x width), and {}, its partner, {}x{}; accepted: equal sizes", pictures_->name(number),
           picture->height, picture->width, recipe_.sources->name(number), source->height, source->width);
    }
    item.image = to_tensor(part(*picture, channels, whole_height, whole_width, box));
    const auto filter = recipe_.kinds > 0 ? Filter::nearest : Filter::bicubic;  // kinds do not mix
    item.source = to_tensor(part(*source, recipe_.source_channels, whole_height, whole_width, box, filter));
    return item;
  }
  // With its surroundings, so that a part has no borders where the picture has none.
  const int64_t reach = recipe_.derivation->reach_px();
  const int64_t above = std::min(reach, top), before = std::min(reach, left);
  const int64_t below = std::min(reach, whole_height - top - height);
  const int64_t after = std::min(reach, whole_width - left - width);
  const Box around{top - above, left - before, above + height + below, before + width + after};
  const auto& [derived_channels, picture_channels] = recipe_.images_are_derived
                                                         ? std::pair(channels, recipe_.source_channels)
                                                         : std::pair(recipe_.source_channels, channels);
  const auto wide = part(*picture, picture_channels, whole_height, whole_width, around);
  const auto derived = to_channels(recipe_.derivation->apply(wide, random), derived_channels);
  item.image = to_tensor(cut(wide, above, before, height, width));
  item.source = to_tensor(cut(derived, above, before, height, width));
  if (recipe_.images_are_derived) std::swap(item.image, item.source);
  return item;
}

std::string PairDataset::name(int64_t index) const {
  const auto name = pictures_->name(items_[static_cast<size_t>(index)]);
  return cuts_parts() ? "a part of " + name : name;
}

}  // namespace forger
