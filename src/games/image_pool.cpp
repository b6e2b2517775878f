#include "games/image_pool.h"

#include <algorithm>

#include "core/team.h"
#include "core/torch.h"

namespace forger {

ImagePool::ImagePool(int64_t size, const ImageShape& shape, c10::Device device)
    : size_(size),
      images_(at::zeros({size, shape.channels, shape.height, shape.width},
                        at::TensorOptions(at::kFloat).device(device).memory_format(at::MemoryFormat::ChannelsLast))),
      count_(at::zeros({1}, at::kLong)) {}

at::Tensor ImagePool::shown_for(const at::Tensor& own_fakes, const ItemRandom& random) {
  if (size_ == 0) return own_fakes;
  const auto fakes = of_whole_batch(own_fakes);
  fakes_ = fakes;
  places_.assign(static_cast<size_t>(fakes.size(0)), -1);
  const auto draws = random.for_all().uniform({fakes.size(0), 2});
  const auto* draw = draws.const_data_ptr<float>();
  int64_t there = count_.item<int64_t>();
  auto shown = fakes.clone();
  for (int64_t i = 0; i < fakes.size(0); ++i) {
    auto& place = places_[static_cast<size_t>(i)];
    if (there < size_) {
      place = there++;
    } else if (draw[2 * i] < 0.5F) {
      place = std::min(static_cast<int64_t>(draw[2 * i + 1] * static_cast<float>(size_)), size_ - 1);
      // One that this batch has put there itself is shown as what it replaces: the pool is of earlier steps.
      if (place < count_.item<int64_t>()) shown[i].copy_(images_[place]);
    }
  }
  return own_rows(shown, own_fakes.size(0));
}

void ImagePool::keep() {
  if (size_ == 0) return;
  torch::NoGradGuard no_grad;
  for (size_t i = 0; i < places_.size(); ++i) {
    if (places_[i] < 0) continue;
    images_[places_[i]].copy_(fakes_[static_cast<int64_t>(i)]);
    count_.fill_(std::max(count_.item<int64_t>(), places_[i] + 1));
  }
  places_.clear();
  fakes_ = at::Tensor();
}

void ImagePool::add_state(TensorMap& state, const std::string& name) const {
  if (size_ == 0) return;
  state[name + ".images"] = images_;
  state[name + ".count"] = count_;
}

}  // namespace forger
