#include "data/pairs.h"
#include "data/synthetic.h"
#include "forger/config.h"

namespace forger {

std::string default_recipe(const std::string& source) {
  constexpr std::string_view kSynthetic = "synthetic:";
  const bool points = source.starts_with(kSynthetic) && is_point_set(source.substr(kSynthetic.size()));
  return points ? "points" : holds_pairs(source) ? "pix2pix" : "fast";
}

}  // namespace forger
