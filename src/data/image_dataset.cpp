#include "data/image_dataset.h"

#include <algorithm>
#include <utility>

#include "core/fail.h"
#include "image/tiles.h"

namespace forger {

ImageDataset::ImageDataset(std::shared_ptr<const Source> source, const std::vector<int64_t>& indices,
                           std::vector<int64_t> class_numbers, const ImageShape& shape, Fit fit, const Levels& levels,
                           int64_t cache_bytes)
    : source_(std::move(source)), class_numbers_(std::move(class_numbers)), shape_(shape), fit_(fit), levels_(levels) {
  if (fit_ != Fit::tiles) {
    for (const int64_t index : indices) places_.push_back({index, 0, 0});
    return;
  }
  int64_t largest = 1;
  for (const int64_t index : indices) largest = std::max(largest, add_tiles_of(index));
  kept_ = std::max<int64_t>(cache_bytes / largest, 1);
  whole_ = std::make_unique<PictureCache>(kept_);
}

int64_t ImageDataset::add_tiles_of(int64_t index) {
  try {
    const auto info = source_->info(index);
    const auto tops = tile_starts(info.height, shape_.height), lefts = tile_starts(info.width, shape_.width);
    for (const int64_t top : tops) {
      for (const int64_t left : lefts) places_.push_back({index, top, left});
    }
    if (!tops.empty() && !lefts.empty()) return info.height * info.width * info.channels;
  } catch (const Error&) {
    // `get` will say what is wrong with it.
  }
  places_.push_back({index, 0, 0});
  return 0;
}

Item ImageDataset::get(int64_t index, uint64_t) const {
  const auto& place = places_[static_cast<size_t>(index)];
  Item item;
  if (source_->has_points()) {
    item.image = source_->point(place.index);
  } else if (fit_ == Fit::tiles) {
    const auto image = whole_->get(place.index, [&] { return source_->decode(place.index, {.levels = levels_}); });
    if (place.top + shape_.height > image->height || place.left + shape_.width > image->width) {
      fail("{}: is {}x{} (height x width), smaller than a tile of {}x{}", source_->name(place.index), image->height,
           image->width, shape_.height, shape_.width);
    }
    item.image =
        to_tensor(to_channels(cut(*image, place.top, place.left, shape_.height, shape_.width), shape_.channels));
  } else {
    const DecodeGoal goal{shape_.height, shape_.width, fit_ != Fit::pad, levels_};
    item.image = to_tensor(fit_image(source_->decode(place.index, goal), shape_, fit_));
  }
  const auto number = std::find(class_numbers_.begin(), class_numbers_.end(), source_->label(place.index));
  if (number != class_numbers_.end()) item.label = number - class_numbers_.begin();
  return item;
}

std::vector<int64_t> ImageDataset::pictures() const {
  std::vector<int64_t> numbers;
  if (fit_ != Fit::tiles) return numbers;
  for (const auto& place : places_) numbers.push_back(place.index);
  return numbers;
}

std::string ImageDataset::name(int64_t index) const {
  const auto& place = places_[static_cast<size_t>(index)];
  const auto name = source_->name(place.index);
  return fit_ == Fit::tiles ? fmt::format("{} at {},{}", name, place.left, place.top) : name;
}

std::vector<std::string> ImageDataset::class_names() const {
  const auto all = source_->class_names();
  std::vector<std::string> names;
  for (const int64_t number : class_numbers_) names.push_back(all[static_cast<size_t>(number)]);
  return names;
}

}  // namespace forger
