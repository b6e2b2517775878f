#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/image_finding.h"
#include "data/source.h"
#include "forger/config.h"

namespace forger {

/// Pairs of images: what is to be made, and what it is made from.
struct PairedSources {
  std::shared_ptr<const Source> images;
  /// As many, in the same order; null where one side is made of the other (data/derivation.h).
  std::shared_ptr<const Source> sources;
  /// How the data were understood, for people.
  std::string notice;
};

/// The pairs of `source`, a data set that is open, as `options` ask for them; `place`: as it was named. Throws Error,
/// naming them: images without a partner, an empty side, sides of different sizes, no pairs at all.
PairedSources open_pairs(std::shared_ptr<const Source> source, const std::string& place, const PairsOptions& options);

/// Whether all that a folder holds are A and B with images of equal names: pairs, as far as names tell. (trainA and
/// trainB are called so where they are none.) Never throws.
bool holds_pairs(const std::string& place);

/// What the folders A and B (or trainA and trainB) of a data set have in common.
struct PairReport {
  /// Images of equal names in both; 0 also where there are no such folders.
  int64_t pairs = 0;
  /// Images without a partner of the same name.
  std::vector<ImageFinding> alone;
  /// Pairs whose sides differ in size, with both sizes.
  std::vector<ImageFinding> unequal;
};

PairReport report_pairs(const std::shared_ptr<const Source>& source);

}  // namespace forger
