#include "referee/translation_states.h"

#include <cmath>

namespace forger {

bool gives_back_sources(const Check& check, const Limits& limits) {
  if (!(check.source_distance < limits.copied_distance)) return false;
  // To come nearer to the data by coming nearer to the sources is no progress.
  if (improves(check, limits) && check.kid < check.source_kid) return false;
  // Where the right image is near its source, only one that is not right is a copy.
  if (!std::isnan(check.truth_distance)) return check.truth_distance > limits.copied_truth;
  return check.features_work && check.source_kid_low > check.kid_mild &&
         check.kid > limits.copied_kid * check.source_kid;
}

bool ignores_sources(const Check& check, const Limits& limits) {
  if (std::isnan(check.source_effect) || improves(check, limits)) return false;
  return check.source_effect < limits.source_effect || all_alike(check, limits) || misses_its_truth(check, limits);
}

bool misses_its_truth(const Check& check, const Limits& limits) { return check.own_truth_high < limits.own_truth; }

bool follows_sources(const Check& check, const Limits& limits) {
  return check.source_effect >= limits.partial_diversity;
}

bool has_few_colors(const Check& check, const Limits& limits) {
  // Grey images of colourful kinds lie as far from them as noise does, but noise has nothing of its source.
  const bool is_noise = looks_like_noise(check, limits) && !follows_sources(check, limits);
  return !is_noise && check.color_variety < limits.color_variety;
}

bool inverts_light(const Check& check, const Limits& limits) {
  return check.features_work && check.light_agreement < limits.inverted_light &&
         check.negative_kid < limits.inverted_kid * check.kid && check.kid_low > check.kid_mild;
}

}  // namespace forger
