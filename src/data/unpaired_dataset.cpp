#include "data/unpaired_dataset.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/fail.h"
#include "core/random.h"
#include "core/torch.h"
#include "image/tiles.h"

namespace forger {
namespace {

std::unique_ptr<const ImageDataset> images_of(const std::shared_ptr<const Source>& source,
                                              const std::vector<int64_t>& items, const OneSide::Recipe& recipe,
                                              double enlarge) {
  const auto sized = [&](int64_t side) -> int64_t { return std::llround(enlarge * static_cast<double>(side)); };
  const ImageShape shape{recipe.derivation ? recipe.picture_channels : recipe.shape.channels,
                         sized(recipe.shape.height), sized(recipe.shape.width)};
  return std::make_unique<const ImageDataset>(source, items, std::vector<int64_t>{}, shape, recipe.fit, recipe.levels,
                                              recipe.cache_bytes);
}

}  // namespace

OneSide::OneSide(const std::shared_ptr<const Source>& source, const std::vector<int64_t>& items, const Recipe& recipe)
    : recipe_(recipe), whole_(images_of(source, items, recipe, 1)) {
  if (recipe_.enlarge > 1) enlarged_ = images_of(source, items, recipe, recipe_.enlarge);
  const double bytes = recipe_.enlarge * recipe_.enlarge * static_cast<double>(recipe_.shape.numbers());
  kept_ = std::make_unique<PictureCache>(std::llround(static_cast<double>(recipe_.cache_bytes) / std::max(bytes, 1.0)));
}

Pixels OneSide::made_of(Pixels picture, const ItemRandom& random) const {
  if (!recipe_.derivation) return picture;
  return to_channels(recipe_.derivation->apply(picture, random), recipe_.shape.channels);
}

at::Tensor OneSide::get(int64_t index, const ItemRandom* random) const {
  const ItemRandom fixed(derive_seed(kFixedDraw, Stream::data_draw, static_cast<uint64_t>(index)));
  const bool draws = recipe_.derivation && recipe_.derivation->is_drawn();
  const auto decode = [&](const ImageDataset& images) {
    auto picture = to_pixels(images.get(index, kFixedDraw).image);
    return draws ? picture : made_of(std::move(picture), fixed);
  };
  if (!random) {
    auto picture = decode(*whole_);
    return to_tensor(draws ? made_of(std::move(picture), fixed) : std::move(picture));
  }
  const auto& images = enlarged_ ? *enlarged_ : *whole_;
  const auto picture = kept_->get(index, [&] { return decode(images); });
  const int64_t height = recipe_.shape.height, width = recipe_.shape.width;
  const int64_t top = random->whole(picture->height - height + 1), left = random->whole(picture->width - width + 1);
  auto part = cut(*picture, top, left, height, width);
  return to_tensor(draws ? made_of(std::move(part), *random) : std::move(part));
}

UnpairedDataset::UnpairedDataset(std::shared_ptr<const OneSide> images, std::shared_ptr<const OneSide> sources,
                                 double max_bad)
    : images_(std::move(images)), sources_(std::move(sources)), max_bad_(max_bad) {}

std::shared_ptr<const Dataset> UnpairedDataset::turned_round() const {
  return std::make_shared<const UnpairedDataset>(sources_, images_, max_bad_);
}

Item UnpairedDataset::get(int64_t index, uint64_t draw) const {
  Item item;
  if (draw == kFixedDraw) {
    item.image = images_->get(index, nullptr);
    item.source = source_at(index % sources_->size(), nullptr);
    return item;
  }
  const ItemRandom random(derive_seed(draw, Stream::data_draw, static_cast<uint64_t>(index)));
  const ItemRandom of_image = random.branch(), of_source = random.branch();
  item.image = images_->get(index, &of_image);
  item.source = source_at(random.whole(sources_->size()), &of_source);
  return item;
}

at::Tensor UnpairedDataset::source_at(int64_t index, const ItemRandom* random) const {
  const int64_t count = sources_->size();
  for (int64_t tried = 0;; ++tried) {
    const int64_t number = (index + tried) % count;
    try {
      return sources_->get(number, random);
    } catch (const Error& error) {
      account_for(number, error);
      if (tried + 1 >= count) throw;
    }
  }
}

void UnpairedDataset::account_for(int64_t index, const Error& error) const {
  const std::lock_guard lock(mutex_);
  if (bad_.insert(index).second) untold_bad_.emplace_back(error.what());
  if (static_cast<double>(bad_.size()) > max_bad_ * static_cast<double>(sources_->size())) throw Error(error.what());
}

std::vector<std::string> UnpairedDataset::take_bad() const {
  const std::lock_guard lock(mutex_);
  return std::exchange(untold_bad_, {});
}

}  // namespace forger
