#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/shape.h"
#include "data/dataset.h"
#include "data/derivation.h"
#include "data/picture_cache.h"
#include "data/source.h"
#include "image/resize.h"

namespace forger {

/// Images, and as sources what they are to be made from, cut at the same place: what paired translation learns from.
class PairDataset : public Dataset {
 public:
  struct Recipe {
    /// Of the images, and the channels of the sources.
    ImageShape shape = {};
    int64_t source_channels = 0;
    /// With `tiles` parts are cut at the pictures' own scale, where the draw says.
    Fit fit = Fit::crop;
    /// Both sides are brought to so many times the shape before a part is cut, but with kFixedDraw.
    double enlarge = 1;
    Levels levels = {};
    /// Of whole decoded pictures that are kept, one at least.
    int64_t cache_bytes = 0;
    /// What the pictures are made from, in their order; null: one side is derived from the other.
    std::shared_ptr<const Source> sources = {};
    /// Above 0: these are label maps of so many kinds.
    int64_t kinds = 0;
    std::optional<Derivation> derivation = {};
    /// Whether the images are derived from the pictures, instead of the sources.
    bool images_are_derived = false;
  };

  /// `indices`: the pictures. With `tiles` each is as many items as parts of that size cover it.
  PairDataset(std::shared_ptr<const Source> pictures, const std::vector<int64_t>& indices, Recipe recipe);

  int64_t size() const override { return static_cast<int64_t>(items_.size()); }
  Item get(int64_t index, uint64_t draw) const override;
  bool varies() const override;
  std::vector<int64_t> pictures() const override { return cuts_parts() ? items_ : std::vector<int64_t>{}; }
  int64_t pictures_kept() const override { return kept_; }
  std::string name(int64_t index) const override;

 private:
  /// Of a picture that was brought to its size.
  struct Box {
    int64_t top, left, height, width;
  };
  bool cuts_parts() const { return recipe_.fit == Fit::tiles; }
  /// Items that a picture makes, and its bytes when decoded; 0 where its header cannot be read.
  std::pair<int64_t, int64_t> parts_of(int64_t picture) const;
  PictureCache::Picture decode(const Source& from, PictureCache* kept, int64_t picture, int64_t kinds = 0) const;
  /// A part of a picture after it was brought to this height and width (with `tiles`, which it has).
  Pixels part(const Pixels& picture, int64_t channels, int64_t height, int64_t width, const Box& box,
              Filter filter = Filter::bicubic) const;

  std::shared_ptr<const Source> pictures_;
  Recipe recipe_;
  std::vector<int64_t> items_;  // the picture of each
  int64_t kept_ = 1;
  std::unique_ptr<PictureCache> whole_, whole_sources_;  // null where items are kept instead
};

}  // namespace forger
