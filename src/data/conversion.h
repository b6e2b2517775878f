#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/levels.h"
#include "core/shape.h"
#include "data/level_counts.h"
#include "data/open.h"
#include "data/source.h"
#include "forger/config.h"
#include "image/resize.h"

namespace forger {

/// The `deep_colors` of an item.
std::vector<uint16_t> deep_colors_of(const Source& source, int64_t index);

/// What `options.levels` stands for: its numbers, or those that the 16-bit images among `items` have. All values where
/// no image has 16 bits.
Levels choose_levels(const Source& source, const std::vector<int64_t>& items, const DataOptions& options);

/// What becomes of a set's images before networks see them.
struct Conversion {
  ImageShape shape;
  Fit fit = Fit::crop;
  Levels levels;
  /// `data.levels` as it was asked for.
  std::string levels_asked = "keep";
};

/// What is said of a whole set in one line.
struct ConversionNote {
  /// "levels", "depths", "contrast", "alpha", "colours", "inks", "profiles", "frames", "scale" or "edges".
  std::string subject;
  std::string text;
};

/// What the images of a set hold, as far as conversion may lose it.
class SetContents {
 public:
  /// An image, and its `deep_colors`. May be called from several threads at once.
  void add(const ImageInfo& info, const Pixels& image, const std::vector<uint16_t>& deep);
  /// Adds what another one was given, as its `state`.
  void add_state(const nlohmann::json& state);
  nlohmann::json state() const;
  /// What conversion keeps and what is lost, where something is. `all`: whether every image was added.
  std::vector<ConversionNote> notes(const Conversion& conversion, bool all) const;

 private:
  std::string count_of(int64_t images, bool all) const;
  std::string levels_text(const Conversion& conversion, bool all) const;
  void add_scale_notes(const Conversion& conversion, std::vector<ConversionNote>& notes) const;

  std::mutex mutex_;
  LevelCounts deep_;
  std::array<int64_t, 256> shallow_{};              // how often each value stands in the colours of 8-bit images
  std::vector<std::pair<int64_t, int64_t>> sizes_;  // height and width
  int64_t deep_images_ = 0, transparent_ = 0, coloured_ = 0, inks_ = 0, profiles_ = 0, animated_ = 0;
};

/// The notes on a training's images: of all of them where they are few and small, else of some, evenly spread.
/// `options`: what `data` was opened with.
std::vector<ConversionNote> conversion_notes(const OpenedData& data, const DataOptions& options);

}  // namespace forger
