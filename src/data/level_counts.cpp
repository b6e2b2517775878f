#include "data/level_counts.h"

#include <algorithm>
#include <bitset>
#include <cmath>

namespace forger {

void LevelCounts::add(const std::vector<uint16_t>& values) {
  for (const auto value : values) ++counts_[value];
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  ends_.emplace_back(*low, *high);
  values_ += static_cast<int64_t>(values.size());
}

nlohmann::json LevelCounts::state() const {
  nlohmann::json counts = nlohmann::json::array();
  for (size_t value = 0; value < counts_.size(); ++value) {
    if (counts_[value] > 0) counts.push_back({value, counts_[value]});
  }
  return {{"counts", counts}, {"ends", ends_}, {"values", values_}};
}

void LevelCounts::add_state(const nlohmann::json& state) {
  for (const auto& count : state["counts"]) counts_[count[0].get<size_t>()] += count[1].get<int64_t>();
  const auto ends = state["ends"].get<decltype(ends_)>();
  ends_.insert(ends_.end(), ends.begin(), ends.end());
  values_ += state["values"].get<int64_t>();
}

Levels LevelCounts::used() const { return used_without(0); }

Levels LevelCounts::used_without(double share) const {
  const auto left_out = static_cast<int64_t>(std::floor(share * static_cast<double>(values_)));
  const auto first_beyond = [&](auto begin, auto end) {
    int64_t passed = 0;
    const auto found = std::find_if(begin, end, [&](int64_t count) { return (passed += count) > left_out; });
    return found - begin;
  };
  return {first_beyond(counts_.begin(), counts_.end()), Levels::kMost - first_beyond(counts_.rbegin(), counts_.rend())};
}

int64_t LevelCounts::different() const {
  return std::count_if(counts_.begin(), counts_.end(), [](int64_t count) { return count > 0; });
}

int64_t LevelCounts::kept(const Levels& levels) const {
  std::bitset<256> kept;
  for (int64_t value = 0; value <= Levels::kMost; ++value) {
    if (counts_[static_cast<size_t>(value)] > 0) kept.set(levels.of(value));
  }
  return static_cast<int64_t>(kept.count());
}

int64_t LevelCounts::values_beyond(const Levels& levels) const {
  int64_t beyond = 0;
  for (int64_t value = 0; value <= Levels::kMost; ++value) {
    if (!levels.holds(value)) beyond += counts_[static_cast<size_t>(value)];
  }
  return beyond;
}

int64_t LevelCounts::images_beyond(const Levels& levels) const {
  return std::count_if(ends_.begin(), ends_.end(),
                       [&](const auto& ends) { return !levels.holds(ends.first) || !levels.holds(ends.second); });
}

}  // namespace forger
