#include "data/image_dataset.h"

#include <algorithm>
#include <utility>

namespace forger {

ImageDataset::ImageDataset(std::shared_ptr<const Source> source, std::vector<int64_t> indices,
                           std::vector<int64_t> class_numbers, const ImageShape& shape, Fit fit)
    : source_(std::move(source)),
      indices_(std::move(indices)),
      class_numbers_(std::move(class_numbers)),
      shape_(shape),
      fit_(fit) {}

Sample ImageDataset::get(int64_t index) const {
  const int64_t item = indices_[static_cast<size_t>(index)];
  Sample sample;
  if (source_->has_points()) {
    sample.pixels = source_->point(item);
  } else {
    const DecodeGoal goal{shape_.height, shape_.width, fit_ != Fit::pad};
    sample.pixels = to_tensor(fit_image(source_->decode(item, goal), shape_, fit_));
  }
  const auto place = std::find(class_numbers_.begin(), class_numbers_.end(), source_->label(item));
  if (place != class_numbers_.end()) sample.label = place - class_numbers_.begin();
  return sample;
}

std::vector<std::string> ImageDataset::class_names() const {
  const auto all = source_->class_names();
  std::vector<std::string> names;
  for (const int64_t number : class_numbers_) names.push_back(all[static_cast<size_t>(number)]);
  return names;
}

}  // namespace forger
