#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace forger {

/// Which 16-bit values become 0 and 255 of 8 bits. Those between are scaled and rounded, those beyond are clipped.
struct Levels {
  static constexpr int64_t kMost = 65535;

  /// 0 <= low < high <= kMost.
  int64_t low = 0;
  int64_t high = kMost;

  uint8_t of(int64_t value) const {
    const auto span = static_cast<uint32_t>(high - low),
               above = static_cast<uint32_t>(std::clamp(value, low, high) - low);
    return static_cast<uint8_t>((above * 255 + span / 2) / span);
  }
  bool holds(int64_t value) const { return value >= low && value <= high; }
  bool is_valid() const { return low >= 0 && low < high && high <= kMost; }
  bool operator==(const Levels&) const = default;
};

/// "[0, 4095]".
std::string levels_text(const Levels& levels);

/// The inverse; nothing for another text, and for levels that are not valid.
std::optional<Levels> levels_in(std::string_view text);

}  // namespace forger
