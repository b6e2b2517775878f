#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/item_random.h"
#include "core/shape.h"
#include "data/dataset.h"
#include "data/derivation.h"
#include "data/image_dataset.h"
#include "data/picture_cache.h"

namespace forger {

/// Images of one side, all of one shape, of which parts may be cut and others made.
class OneSide {
 public:
  struct Recipe {
    ImageShape shape = {};
    Fit fit = Fit::crop;
    Levels levels = {};
    /// Images are brought to so many times the shape before a part is cut at random; 1: not.
    double enlarge = 1;
    /// Of decoded images that are kept, one at least.
    int64_t cache_bytes = 0;
    /// Makes this side of the images, which have `pictures_channels`.
    std::optional<Derivation> derivation = {};
    int64_t picture_channels = 0;
  };

  OneSide(const std::shared_ptr<const Source>& source, const std::vector<int64_t>& items, const Recipe& recipe);

  int64_t size() const { return whole_->size(); }
  std::string name(int64_t index) const { return whole_->name(index); }
  /// uint8 `[channels, height, width]`. `random`: of the part and of what is made; null: the middle, always the same.
  at::Tensor get(int64_t index, const ItemRandom* random) const;

 private:
  Pixels made_of(Pixels picture, const ItemRandom& random) const;

  Recipe recipe_;
  std::unique_ptr<const ImageDataset> whole_, enlarged_;  // the latter null where nothing is cut
  std::unique_ptr<PictureCache> kept_;
};

/// Images of one kind and, as sources, images of another that do not belong to them: what unpaired translation learns
/// from. Items are the images; which source stands beside one is drawn, but with kFixedDraw follows from its number.
class UnpairedDataset : public Dataset {
 public:
  /// `max_bad`: the share of unreadable sources above which items cannot be had. Others take the place of those below.
  UnpairedDataset(std::shared_ptr<const OneSide> images, std::shared_ptr<const OneSide> sources, double max_bad);

  /// 0 where a side is empty.
  int64_t size() const override { return sources_->size() > 0 ? images_->size() : 0; }
  Item get(int64_t index, uint64_t draw) const override;
  bool varies() const override { return true; }
  std::string name(int64_t index) const override { return images_->name(index); }
  std::vector<std::string> take_bad() const override;
  std::shared_ptr<const Dataset> turned_round() const override;

 private:
  /// The source of that number or, where it cannot be read, its first good successor.
  at::Tensor source_at(int64_t index, const ItemRandom* random) const;
  /// Throws the Error on where too many are bad.
  void account_for(int64_t index, const Error& error) const;

  std::shared_ptr<const OneSide> images_, sources_;
  double max_bad_;
  mutable std::mutex mutex_;
  mutable std::set<int64_t> bad_;
  mutable std::vector<std::string> untold_bad_;
};

}  // namespace forger
