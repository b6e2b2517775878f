#include "data/pairs.h"
#include "data/sides.h"
#include "data/synthetic.h"
#include "forger/config.h"

namespace forger {

std::string default_recipe(const std::string& source) {
  constexpr std::string_view kSynthetic = "synthetic:";
  const bool points = source.starts_with(kSynthetic) && is_point_set(source.substr(kSynthetic.size()));
  if (points) return "points";
  return holds_pairs(source) ? "pix2pix" : holds_sides(source) ? "cyclegan" : "fast";
}

}  // namespace forger
