#include "data/degraded_dataset.h"

#include <algorithm>

#include "core/fail.h"
#include "core/random.h"
#include "image/tiles.h"

namespace forger {

DegradedDataset::DegradedDataset(std::shared_ptr<const Source> source, const std::vector<int64_t>& indices,
                                 Recipe recipe)
    : source_(std::move(source)), recipe_(std::move(recipe)), degradation_(recipe_.degradation, recipe_.scale) {
  int64_t largest = 1;
  for (const int64_t picture : indices) {
    const auto [parts, bytes] = parts_of(picture);
    pictures_.insert(pictures_.end(), static_cast<size_t>(parts), picture);
    largest = std::max(largest, bytes);
  }
  kept_ = std::max<int64_t>(recipe_.cache_bytes / largest, 1);
  whole_ = std::make_unique<PictureCache>(kept_);
  if (!recipe_.low) return;
  whole_small_ = std::make_unique<PictureCache>(kept_);
  small_.assign(static_cast<size_t>(source_->size()), -1);
  for (const int64_t picture : pictures_)
    small_[static_cast<size_t>(picture)] = recipe_.low->number_of(source_->name(picture));
}

std::pair<int64_t, int64_t> DegradedDataset::parts_of(int64_t picture) const {
  try {
    const auto info = source_->info(picture);
    const int64_t area = recipe_.shape.height * recipe_.shape.width;
    return {std::max<int64_t>(info.height * info.width / area, 1), info.height * info.width * info.channels};
  } catch (const Error&) {
    return {1, 0};  // `get` will say what is wrong with it
  }
}

Item DegradedDataset::get(int64_t index, uint64_t draw) const {
  const int64_t picture = pictures_[static_cast<size_t>(index)];
  const auto& [channels, height, width] = recipe_.shape;
  const int64_t scale = recipe_.scale;
  const auto whole = whole_->get(picture, [&] { return source_->decode(picture, {.levels = recipe_.levels}); });
  if (whole->height < height || whole->width < width) {
    fail("{}: is {}x{} (height x width), smaller than the {}x{} that are trained on", source_->name(picture),
         whole->height, whole->width, height, width);
  }
  const ItemRandom random(derive_seed(draw, Stream::data_draw, static_cast<uint64_t>(index)));
  const int64_t top = scale * random.whole((whole->height - height) / scale + 1);
  const int64_t left = scale * random.whole((whole->width - width) / scale + 1);
  Item item;
  item.image = to_tensor(to_channels(cut(*whole, top, left, height, width), channels));
  if (recipe_.low) {
    item.source = to_tensor(to_channels(small_part(picture, top, left, whole->height, whole->width), channels));
    return item;
  }
  // With its surroundings, so that a part has no borders where the picture has none.
  const int64_t reach = degradation_.reach_px();
  const int64_t above = std::min(reach, top), before = std::min(reach, left);
  const int64_t below = std::min(reach, (whole->height - top - height) / scale * scale);
  const int64_t after = std::min(reach, (whole->width - left - width) / scale * scale);
  const auto wide =
      to_channels(cut(*whole, top - above, left - before, above + height + below, before + width + after), channels);
  const auto small = degradation_.apply(wide, random);
  item.source = to_tensor(cut(small, above / scale, before / scale, height / scale, width / scale));
  return item;
}

Pixels DegradedDataset::small_part(int64_t picture, int64_t top, int64_t left, int64_t height, int64_t width) const {
  const int64_t number = small_[static_cast<size_t>(picture)], scale = recipe_.scale;
  const auto small = whole_small_->get(number, [&] { return recipe_.low->decode(number, recipe_.levels); });
  recipe_.low->check_size(number, *small, source_->name(picture), height, width);
  return cut(*small, top / scale, left / scale, recipe_.shape.height / scale, recipe_.shape.width / scale);
}

std::string DegradedDataset::name(int64_t index) const {
  return "a part of " + source_->name(pictures_[static_cast<size_t>(index)]);
}

}  // namespace forger
