#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/shape.h"
#include "data/dataset.h"
#include "data/picture_cache.h"
#include "data/source.h"
#include "image/resize.h"

namespace forger {

/// A selection of a source's items, all brought to one shape.
class ImageDataset : public Dataset {
 public:
  /// `indices`: the items of the source, in order; with Fit::tiles each becomes as many items as it has tiles, and
  /// `cache_bytes` of whole pictures are kept, one at least. `class_numbers[k]`: the source's class that is class k
  /// here; empty: items have no labels.
  ImageDataset(std::shared_ptr<const Source> source, const std::vector<int64_t>& indices,
               std::vector<int64_t> class_numbers, const ImageShape& shape, Fit fit, const Levels& levels,
               int64_t cache_bytes);

  int64_t size() const override { return static_cast<int64_t>(places_.size()); }
  Item get(int64_t index, uint64_t draw) const override;
  std::vector<int64_t> pictures() const override;
  int64_t pictures_kept() const override { return kept_; }
  /// Of a tile: "NAME at 96,32", from the left and the top.
  std::string name(int64_t index) const override;
  std::vector<std::string> class_names() const override;

 private:
  /// An image of the source, or a tile of one.
  struct Place {
    int64_t index = 0, top = 0, left = 0;
  };
  /// The bytes of the whole picture, as its header tells; 0 where it cannot be read.
  int64_t add_tiles_of(int64_t index);

  std::shared_ptr<const Source> source_;
  std::vector<Place> places_;
  std::vector<int64_t> class_numbers_;
  ImageShape shape_;
  Fit fit_;
  Levels levels_;
  int64_t kept_ = 1;
  std::unique_ptr<PictureCache> whole_;  // null unless there are tiles
};

}  // namespace forger
