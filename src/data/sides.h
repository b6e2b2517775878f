#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/source.h"
#include "forger/config.h"

namespace forger {

/// The two folders of a data set that hold its sides, and which of its items lie there.
struct SideFolders {
  std::string name_a, name_b;
  std::vector<int64_t> a, b;
  bool any() const { return !a.empty() || !b.empty(); }
};

/// Folders trainA and trainB or, where there is none of them, A and B. No names where there are none of these either.
SideFolders side_folders(const Source& source);

/// Two kinds of images that do not belong to each other, which unpaired translation learns from.
struct Sides {
  /// Two looks at the same items, by the same numbers: they differ where each image holds both sides.
  std::shared_ptr<const Source> a, b;
  /// Which items are of which side; none is of both.
  std::vector<int64_t> of_a, of_b;
  /// Whether side A is made of its items (data/derivation.h).
  bool a_is_derived = false;
  /// How the data were understood, for people.
  std::string notice;
};

/// The sides of `source`, a data set that is open, as `options` ask for them; `place`: as it was named. Where each item
/// could be of both sides, it is of one: which one follows from what it is (Source::mark), so that no truth is ever
/// shown. Throws Error: no sides, an empty side, unknown classes.
Sides open_sides(const std::shared_ptr<const Source>& source, const std::string& place, const PairsOptions& options);

/// How many images the folders trainA and trainB, or A and B, of a data set hold; no names where there are none.
struct SideReport {
  std::string name_a, name_b;
  int64_t a = 0, b = 0;
};

SideReport report_sides(const Source& source);

/// Whether a folder holds folders trainA and trainB: two kinds of images without pairs, as CycleGAN's data sets have
/// them. Never throws.
bool holds_sides(const std::string& place);

}  // namespace forger
