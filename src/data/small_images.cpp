#include "data/small_images.h"

#include <utility>

#include "core/fail.h"

namespace forger {

SmallImages::SmallImages(std::shared_ptr<const Source> source, int64_t scale, std::string key)
    : source_(std::move(source)), scale_(scale), key_(std::move(key)) {
  for (int64_t i = 0; i < source_->size(); ++i) names_.add(source_->name(i), i);
}

int64_t SmallImages::number_of(const std::string& picture) const {
  const auto name = name_without_extension(picture);
  auto found = names_.find(name);
  if (!found) found = names_.find(fmt::format("{}x{}", name, scale_));
  if (!found) {
    fail("{}: has no image named as {}, accepted: one for each image, of the same name or with x{} behind it", key_,
         picture, scale_);
  }
  return *found;
}

void SmallImages::check_size(int64_t number, const Pixels& small, const std::string& picture, int64_t height,
                             int64_t width) const {
  if (small.height == height / scale_ && small.width == width / scale_) return;
  fail("{}: is {}x{} (height x width), accepted: {}x{}, as {} is {}x{} and the scale {}", source_->name(number),
       small.height, small.width, height / scale_, width / scale_, picture, height, width, scale_);
}

}  // namespace forger
