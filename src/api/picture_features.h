#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "data/source.h"
#include "metrics/features.h"

namespace forger {

/// The features in which pictures are compared with their truths, learnt from squares of these.
struct PictureFeatures {
  /// Null where there are too few squares.
  std::shared_ptr<const FeatureNet> net;
  /// What feature-distance is, and what it was learnt from; or why there is none.
  std::string definition;
};

/// Learns from the squares of `count` pictures (0: all), evenly spread over a source, 2,000 squares at most; `place`:
/// its name for people.
PictureFeatures learn_picture_features(const Source& source, const Levels& levels, const std::string& place,
                                       int64_t count);

/// How far what was made lies from the truth in these features (metrics/feature_distance.h). Throws Error where they
/// are smaller than a square.
double distance_of(const FeatureNet& net, const Pixels& truth, const Pixels& made);

}  // namespace forger
