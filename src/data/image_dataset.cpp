#include "data/image_dataset.h"

#include <algorithm>
#include <utility>

#include "core/fail.h"
#include "image/tiles.h"

namespace forger {

ImageDataset::ImageDataset(std::shared_ptr<const Source> source, std::vector<int64_t> indices,
                           std::vector<int64_t> class_numbers, const ImageShape& shape, Fit fit, const Levels& levels)
    : source_(std::move(source)), class_numbers_(std::move(class_numbers)), shape_(shape), fit_(fit), levels_(levels) {
  for (const int64_t index : indices) {
    if (fit_ == Fit::tiles) {
      add_tiles_of(index);
    } else {
      items_.push_back({index, 0, 0});
    }
  }
}

void ImageDataset::add_tiles_of(int64_t index) {
  try {
    const auto info = source_->info(index);
    const auto tops = tile_starts(info.height, shape_.height), lefts = tile_starts(info.width, shape_.width);
    for (const int64_t top : tops) {
      for (const int64_t left : lefts) items_.push_back({index, top, left});
    }
    if (!tops.empty() && !lefts.empty()) return;
  } catch (const Error&) {
    // `get` will say what is wrong with it.
  }
  items_.push_back({index, 0, 0});
}

std::shared_ptr<const Pixels> ImageDataset::whole_image(int64_t index) const {
  {
    const std::lock_guard lock(mutex_);
    if (last_index_ == index) return last_;
  }
  auto image = std::make_shared<const Pixels>(source_->decode(index, {.levels = levels_}));
  const std::lock_guard lock(mutex_);
  last_index_ = index;
  last_ = image;
  return image;
}

Sample ImageDataset::get(int64_t index) const {
  const auto& item = items_[static_cast<size_t>(index)];
  Sample sample;
  if (source_->has_points()) {
    sample.pixels = source_->point(item.index);
  } else if (fit_ == Fit::tiles) {
    const auto image = whole_image(item.index);
    if (item.top + shape_.height > image->height || item.left + shape_.width > image->width) {
      fail("{}: is {}x{} (height x width), smaller than a tile of {}x{}", source_->name(item.index), image->height,
           image->width, shape_.height, shape_.width);
    }
    sample.pixels =
        to_tensor(to_channels(cut(*image, item.top, item.left, shape_.height, shape_.width), shape_.channels));
  } else {
    const DecodeGoal goal{shape_.height, shape_.width, fit_ != Fit::pad, levels_};
    sample.pixels = to_tensor(fit_image(source_->decode(item.index, goal), shape_, fit_));
  }
  const auto place = std::find(class_numbers_.begin(), class_numbers_.end(), source_->label(item.index));
  if (place != class_numbers_.end()) sample.label = place - class_numbers_.begin();
  return sample;
}

std::string ImageDataset::name(int64_t index) const {
  const auto& item = items_[static_cast<size_t>(index)];
  const auto name = source_->name(item.index);
  return fit_ == Fit::tiles ? fmt::format("{} at {},{}", name, item.left, item.top) : name;
}

std::vector<std::string> ImageDataset::class_names() const {
  const auto all = source_->class_names();
  std::vector<std::string> names;
  for (const int64_t number : class_numbers_) names.push_back(all[static_cast<size_t>(number)]);
  return names;
}

}  // namespace forger
