#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/shape.h"
#include "data/dataset.h"
#include "data/source.h"
#include "image/resize.h"

namespace forger {

/// A selection of a source's items, all brought to one shape.
class ImageDataset : public Dataset {
 public:
  /// `indices`: the items of the source, in order; with Fit::tiles each becomes as many items as it has tiles.
  /// `class_numbers[k]`: the source's class that is class k here; empty: items have no labels.
  ImageDataset(std::shared_ptr<const Source> source, std::vector<int64_t> indices, std::vector<int64_t> class_numbers,
               const ImageShape& shape, Fit fit, const Levels& levels);

  int64_t size() const override { return static_cast<int64_t>(items_.size()); }
  Sample get(int64_t index) const override;
  /// Of a tile: "NAME at 96,32", from the left and the top.
  std::string name(int64_t index) const override;
  std::vector<std::string> class_names() const override;

 private:
  /// An image of the source, or a tile of one.
  struct Item {
    int64_t index = 0, top = 0, left = 0;
  };
  void add_tiles_of(int64_t index);
  std::shared_ptr<const Pixels> whole_image(int64_t index) const;

  std::shared_ptr<const Source> source_;
  std::vector<Item> items_;
  std::vector<int64_t> class_numbers_;
  ImageShape shape_;
  Fit fit_;
  Levels levels_;
  // Tiles of one image are asked for one after the other: the last one decoded is kept.
  mutable std::mutex mutex_;
  mutable int64_t last_index_ = -1;
  mutable std::shared_ptr<const Pixels> last_;
};

}  // namespace forger
