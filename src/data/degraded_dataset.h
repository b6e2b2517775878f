#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/shape.h"
#include "data/dataset.h"
#include "data/degradation.h"
#include "data/picture_cache.h"
#include "data/small_images.h"
#include "data/source.h"

namespace forger {

/// Parts of pictures, cut at their own scale where the draw says, and as sources the small images of them: what
/// super-resolution learns from.
class DegradedDataset : public Dataset {
 public:
  /// What is the same for training and held-out pictures.
  struct Recipe {
    /// Of the parts; sides are multiples of the scale.
    ImageShape shape = {};
    int64_t scale = 1;
    DegradationOptions degradation = {};
    Levels levels = {};
    /// Of whole decoded pictures that are kept, one at least.
    int64_t cache_bytes = 0;
    /// The small images themselves; null: they are made.
    std::shared_ptr<const SmallImages> low = {};
  };

  /// `indices`: the pictures. Each is as many items as parts of that size cover it. Throws Error where a picture has no
  /// small image of its name.
  DegradedDataset(std::shared_ptr<const Source> source, const std::vector<int64_t>& indices, Recipe recipe);

  int64_t size() const override { return static_cast<int64_t>(pictures_.size()); }
  Item get(int64_t index, uint64_t draw) const override;
  bool varies() const override { return true; }
  std::vector<int64_t> pictures() const override { return pictures_; }
  int64_t pictures_kept() const override { return kept_; }
  std::string name(int64_t index) const override;

 private:
  /// Items that a picture makes, and its bytes when decoded; 0 where its header cannot be read.
  std::pair<int64_t, int64_t> parts_of(int64_t picture) const;
  Pixels small_part(int64_t picture, int64_t top, int64_t left, int64_t height, int64_t width) const;

  std::shared_ptr<const Source> source_;
  Recipe recipe_;
  Degradation degradation_;
  std::vector<int64_t> pictures_;  // of each item
  std::vector<int64_t> small_;     // of each picture of the source, its small image; empty where they are made
  int64_t kept_ = 1;
  std::unique_ptr<PictureCache> whole_, whole_small_;
};

}  // namespace forger
