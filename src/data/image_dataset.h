#pragma once

#include <memory>
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
  /// `indices`: the items of the source, in order. `class_numbers[k]`: the source's class that is class k here; empty:
  /// items have no labels.
  ImageDataset(std::shared_ptr<const Source> source, std::vector<int64_t> indices, std::vector<int64_t> class_numbers,
               const ImageShape& shape, Fit fit);

  int64_t size() const override { return static_cast<int64_t>(indices_.size()); }
  Sample get(int64_t index) const override;
  std::string name(int64_t index) const override { return source_->name(indices_[static_cast<size_t>(index)]); }
  std::vector<std::string> class_names() const override;

 private:
  std::shared_ptr<const Source> source_;
  std::vector<int64_t> indices_;
  std::vector<int64_t> class_numbers_;
  ImageShape shape_;
  Fit fit_;
};

}  // namespace forger
