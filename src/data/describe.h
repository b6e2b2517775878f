#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/shape.h"
#include "data/conversion.h"
#include "forger/config.h"

namespace forger {

/// What `forger info DATA` tells: from names and headers, and what conversion does from some of the images.
struct DataDescription {
  /// As Source::kind says it.
  std::string kind;
  /// All images (or points), and how many of them are held out.
  int64_t count = 0;
  int64_t held_out = 0;
  /// What training would take by itself.
  ImageShape shape;
  /// In the order of their numbers; empty when there are no classes.
  std::vector<std::string> class_names;
  std::vector<int64_t> class_counts;
  std::vector<ConversionNote> conversion;
  /// As OpenedData has them.
  std::vector<std::string> incomplete, notices;
};

/// Throws Error as open_data does.
DataDescription describe_data(const DataOptions& options);

}  // namespace forger
