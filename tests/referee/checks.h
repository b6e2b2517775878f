#pragma once

#include <vector>

#include "referee/detectors.h"

namespace forger {

/// A game in which both sides grow and samples come nearer.
inline Check healthy(int64_t step) {
  Check check;
  check.step = step;
  check.unseen = 1000;
  check.features_work = true;
  check.update_ratio = 1e-3;
  check.weight_growth = 1.2;
  check.slope_ratio = 1.1;
  check.auc_unseen = 0.8, check.auc_unseen_low = 0.78, check.auc_unseen_high = 0.82;
  check.auc_training = 0.81, check.auc_training_low = 0.79, check.auc_training_high = 0.83;
  check.answers_distance = 0.5, check.answers_limit = 0.06;
  check.memorising = 0.02, check.memorising_z = 1;
  check.fresh_critic = 0.9, check.fresh_critic_low = 0.89, check.fresh_critic_high = 0.91;
  check.signal_at_logits = 0.6, check.signal_at_images = 0.1;
  check.rival_auc = 0.8, check.new_critic_auc = 0.9, check.new_fakes_auc = 0.7, check.remembered_auc = 0.85;
  check.kid = 0.4, check.kid_low = 0.35, check.kid_high = 0.45;
  check.kid_baseline = 0.001, check.kid_mild = 0.05, check.kid_noise = 5;
  check.improvement_p = 0.01;
  check.coverage = 0.6, check.coverage_baseline = 0.95, check.density = 0.5;
  check.bins = 50, check.bins_different = 0.5, check.bins_limit = 0.15;
  check.diversity = 0.8, check.raw_diversity = 0.8, check.spread = 0.9, check.movement = 0.02;
  check.copying_z = 1, check.nearer_share = -0.2, check.known_nearest = 0.5, check.known_nearest_z = 0;
  return check;
}

/// Samples like unseen data, and a discriminator that guesses.
inline Check settled(int64_t step) {
  Check check = healthy(step);
  check.auc_unseen = 0.5, check.auc_unseen_low = 0.48, check.auc_unseen_high = 0.52;
  check.auc_training = 0.5, check.auc_training_low = 0.48, check.auc_training_high = 0.52;
  check.answers_distance = 0.03;
  check.fresh_critic = 0.51, check.fresh_critic_low = 0.49, check.fresh_critic_high = 0.53;
  check.kid = 0.002, check.kid_low = -0.003, check.kid_high = 0.008;
  check.improvement_p = 0.5;
  check.coverage = 0.94, check.density = 0.98;
  check.bins_different = 0.06;
  check.diversity = 0.97;
  check.rival_auc = check.new_critic_auc = check.new_fakes_auc = 0.5;
  return check;
}

/// Nobody gets anywhere, as far as distances and cross-play tell.
inline Check standstill(int64_t step) {
  Check check = healthy(step);
  check.improvement_p = 0.5;
  check.rival_auc = check.new_critic_auc = check.new_fakes_auc = 0.8;
  return check;
}

inline std::vector<Check> repeated(const Check& check, size_t count) {
  std::vector<Check> checks(count, check);
  for (size_t i = 0; i < count; ++i) checks[i].step = static_cast<int64_t>(1000 + 500 * i);
  return checks;
}

inline State state_after(const std::vector<Check>& checks, Situation situation = {}) {
  return find_states(checks, situation).front().state;
}

}  // namespace forger
