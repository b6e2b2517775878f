#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/shape.h"
#include "data/source.h"
#include "image/rows.h"

namespace forger {

/// Images that a person names one by one or by the set, in the order in which they were named: image files, and whatever
/// DATA may be. Nothing is decoded before it is asked for.
class Inputs {
 public:
  /// Throws Error where a name is missing, or is neither an image file nor a data set of images.
  explicit Inputs(const std::vector<std::string>& names);

  int64_t size() const { return static_cast<int64_t>(items_.size()); }
  /// For people, unique: the file as it was named, or the item's name behind that of its set.
  std::string name(int64_t index) const;
  /// The image in full size, upright, with the channels it has. Throws Error naming it.
  Pixels read(int64_t index) const;
  /// The same, row by row.
  std::unique_ptr<RowReader> open(int64_t index) const;

 private:
  struct Item {
    std::string file;                      ///< of an image file, else empty
    std::shared_ptr<const Source> source;  ///< of an item of a set
    std::string source_name;
    int64_t index = 0;
  };
  std::vector<Item> items_;
};

/// The image as a model takes it: in its channels, and in its size. Throws Error naming both sizes when they differ,
/// unless `resize` ("crop", "pad" or "stretch") says how to bring the image to it.
Pixels to_model_shape(Pixels image, const ImageShape& shape, const std::string& name, const std::string& resize);

}  // namespace forger
