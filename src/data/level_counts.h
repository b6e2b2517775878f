#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "core/levels.h"

namespace forger {

/// How often each value stands in the colours of 16-bit images.
class LevelCounts {
 public:
  LevelCounts() : counts_(static_cast<size_t>(Levels::kMost) + 1) {}

  /// An image's values, at least one.
  void add(const std::vector<uint16_t>& values);
  /// Adds what another one was given, as its `state`.
  void add_state(const nlohmann::json& state);
  nlohmann::json state() const;

  int64_t images() const { return static_cast<int64_t>(ends_.size()); }
  /// From the lowest to the highest value; low may be high. Of at least one image.
  Levels used() const;
  /// The same without the lowest and the highest `share` of all values.
  Levels used_without(double share) const;
  /// Different values.
  int64_t different() const;
  /// Different levels of 8 bits that they become.
  int64_t kept(const Levels& levels) const;
  /// Values beyond, and images that have one.
  int64_t values_beyond(const Levels& levels) const;
  int64_t images_beyond(const Levels& levels) const;
  int64_t values() const { return values_; }

 private:
  std::vector<int64_t> counts_;
  std::vector<std::pair<uint16_t, uint16_t>> ends_;  // lowest and highest value of each image
  int64_t values_ = 0;
};

}  // namespace forger
