#include "referee/translation_states.h"

#include <cmath>

namespace forger {

bool gives_back_sources(const Check& check, const Limits& limits) {
  if (!(check.source_distance < limits.copied_distance)) return false;
  // Where the right image is near its source, only one that is not right is a copy.
  if (!std::isnan(check.truth_distance)) return check.truth_distance > limits.copied_truth;
  return check.features_work && check.source_kid_low > check.kid_mild &&
         check.kid > limits.copied_kid * check.source_kid;
}

bool ignores_sources(const Check& check, const Limits& limits) { return check.source_effect < limits.source_effect; }

bool has_wrong_colors(const Check& check, const Limits& limits) {
  const bool is_noise = check.kid > limits.noise_share * check.kid_noise;
  return !is_noise && (check.color_variety < limits.color_variety || inverts_light(check, limits));
}

bool inverts_light(const Check& check, const Limits& limits) {
  return check.features_work && check.light_agreement < limits.inverted_light &&
         check.negative_kid < limits.inverted_kid * check.kid && check.kid_low > check.kid_mild;
}

}  // namespace forger
