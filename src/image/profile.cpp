#include <algorithm>
#include <cmath>
#include <optional>

#include "image/codecs.h"

namespace forger::codecs {
namespace {

uint32_t big_endian(std::string_view bytes, size_t position) {
  uint32_t value = 0;
  for (size_t i = position; i < position + 4; ++i) {
    value = value << 8 | (i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : 0U);
  }
  return value;
}

/// Where the data of a tag begins.
std::optional<size_t> tag_data(std::string_view profile, std::string_view tag) {
  constexpr size_t kTable = 128, kMostTags = 100;
  const size_t tags = std::min<size_t>(big_endian(profile, kTable), kMostTags);
  for (size_t i = 0; i < tags; ++i) {
    const size_t entry = kTable + 4 + 12 * i;
    if (entry + 12 > profile.size()) return std::nullopt;
    if (profile.substr(entry, 4) == tag) return big_endian(profile, entry + 4);
  }
  return std::nullopt;
}

}  // namespace

/// The primaries decide. Those of sRGB are from IEC 61966-2-1, adapted to D50 as ICC profiles hold them.
bool is_other_profile(std::string_view profile) {
  if (profile.size() < 132 || profile.substr(16, 4) != "RGB ") return false;  // grey and inks have no primaries
  constexpr struct {
    const char* tag;
    double xyz[3];
  } kPrimaries[] = {
      {"rXYZ", {0.4361, 0.2225, 0.0139}}, {"gXYZ", {0.3851, 0.7169, 0.0971}}, {"bXYZ", {0.1431, 0.0606, 0.7141}}};
  constexpr double kTolerance = 0.005, kFixedPoint = 65536;
  for (const auto& primary : kPrimaries) {
    const auto data = tag_data(profile, primary.tag);
    if (!data) return true;  // colours by tables
    for (size_t i = 0; i < 3; ++i) {
      const auto stored = static_cast<int32_t>(big_endian(profile, *data + 8 + 4 * i));
      if (std::abs(stored / kFixedPoint - primary.xyz[i]) > kTolerance) return true;
    }
  }
  return false;
}

}  // namespace forger::codecs
