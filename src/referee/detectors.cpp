#include "referee/detectors.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>

#include "referee/course.h"
#include "referee/translation_states.h"

namespace forger {
namespace {

/// Whether check `i` by itself shows a state.
using Shows = std::function<bool(const Checks& checks, size_t i, const Situation& situation)>;

struct Detector {
  State state;
  /// The state begins when `needed` of the last `window` checks show it.
  size_t needed, window;
  /// It ends after so many checks in a row that do not.
  size_t leave_after;
  Shows shows;
};

double share_starved(const std::vector<int64_t>& starved, int64_t bins) {
  return bins > 0 ? static_cast<double>(starved.size()) / static_cast<double>(bins) : 0;
}

bool generator_grows(const Check& check, const Limits& limits) {
  return check.new_fakes_auc < check.rival_auc - limits.growth_auc;
}

bool discriminator_grows(const Check& check, const Limits& limits) {
  return check.new_critic_auc > check.rival_auc + limits.growth_auc;
}

/// Nearer to training images than unseen reals are, and than to as many unseen ones.
bool nearer_to_known(const Check& check, const Limits& limits) {
  return check.copying_z < limits.copying_z && check.known_nearest_z > -limits.copying_z;
}

/// What is drawn is the same as before, but for the chance of which samples were drawn.
bool draws_the_same(const Check& check, const Limits& limits) {
  return check.movement < limits.same_movement * check.movement_baseline;
}

/// Nobody learns: what the discriminator would say of a generator that stands still is no other sickness.
bool stands_still(const Check& check, const Limits& limits) { return check.update_ratio < limits.standing_update; }

bool standing_still(const Checks& checks, size_t i, const Situation& situation) {
  return !standing_players(checks[i], situation).empty();
}

/// Whether images are further from their truths than images of any colours can be.
bool beyond_colors(const Check& check) { return check.truth_psnr_db < 0; }

bool diverged(const Checks& checks, size_t i, const Situation& situation) {
  const auto& [check, limits] = std::tie(checks[i], situation.limits);
  const bool steep = check.slope_ratio > limits.exploding_slope && check.weight_growth > limits.moved_weights;
  const bool exploding = check.weight_growth > limits.exploding_weights || steep;
  const bool leaping = check.update_ratio > limits.exploding_update;
  return !check.finite || beyond_colors(check) || check.spread > limits.exploding_spread ||
         check.reach > limits.exploding_reach || ((exploding || leaping) && looks_like_noise(check, limits));
}

bool copying(const Checks& checks, size_t i, const Situation& situation) {
  const auto& [check, limits] = std::tie(checks[i], situation.limits);
  if (all_alike(check, limits) || looks_like_noise(check, limits)) return false;
  if (check.repeated > limits.repeated) return true;
  if (!(check.copying_z < limits.copying_z)) return false;
  if (check.unseen < limits.few_unseen) return check.nearer_share > limits.copying_nearer;
  return check.known_nearest_z > -limits.copying_z;
}

bool overfitting(const Checks& checks, size_t i, const Situation& situation) {
  const auto& [check, limits] = std::tie(checks[i], situation.limits);
  return check.auc_training - check.auc_unseen > limits.overfit_gap && check.memorising > limits.overfit_memorising &&
         check.memorising_z > limits.overfit_z;
}

bool starved(const Checks& checks, size_t i, const Situation& situation) {
  const auto& [check, limits] = std::tie(checks[i], situation.limits);
  if (!(check.auc_unseen > limits.sure_auc) || stands_still(check, limits)) return false;
  std::vector<double> signals;
  for (size_t k = 0; k <= i; ++k) {
    if (std::isfinite(checks[k].signal_at_images)) signals.push_back(checks[k].signal_at_images);
  }
  if (signals.empty()) return false;
  std::nth_element(signals.begin(), signals.begin() + static_cast<std::ptrdiff_t>(signals.size() / 2), signals.end());
  return check.signal_at_logits < limits.signal_at_logits ||
         check.signal_at_images < limits.signal_share * signals[signals.size() / 2];
}

bool full_collapse(const Checks& checks, size_t i, const Situation& situation) {
  const auto& [check, limits] = std::tie(checks[i], situation.limits);
  if (starved(checks, i, situation)) return false;  // it was taught nothing: a cause, of which sameness is a symptom
  return all_alike(check, limits);
}

bool cycling(const Checks& checks, size_t i, const Situation& situation) {
  const auto& [check, limits] = std::tie(checks[i], situation.limits);
  const Check* before = check_before(checks, i);
  if (!before || !(recent_movement(checks, i) > limits.movement)) return false;
  // One kind of thing each time, and another one: whether it lies nearer to the data this time is chance.
  if (all_alike(check, limits) && all_alike(*before, limits)) return true;
  // A young generator moves on its way to the data, also where it is still farther than noise: unless fakes are
  // forgotten there, where to be nearer this time is chance.
  const bool forgets = check.remembered_auc < limits.forgotten_auc;
  const bool other_kinds = !check.missing_kinds.empty() && likeness_of_kinds(check, *before) < limits.steady_kinds;
  const bool hops = other_kinds && std::isnan(check.remembered_auc) && i >= 2 * kTrendChecks;
  if (check.improvement_p < limits.significant) return beyond_noise(check) && (forgets || hops);
  return other_kinds || forgets;
}

/// A state of translation does not show where the generator was taught nothing.
template <bool (*Sign)(const Check&, const Limits&)>
bool of_translation(const Checks& checks, size_t i, const Situation& situation) {
  return Sign(checks[i], situation.limits) && !starved(checks, i, situation);
}

bool wrong_colors(const Checks& checks, size_t i, const Situation& situation) {
  const auto& [check, limits] = std::tie(checks[i], situation.limits);
  if (starved(checks, i, situation)) return false;
  // Few colours that soon are more are no sickness.
  const Check& before = checks[i < kTrendChecks ? 0 : i - kTrendChecks];
  const bool gains = i == 0 || check.color_variety > limits.color_gain * before.color_variety;
  const bool few = has_few_colors(check, limits) && (situation.single_moment || !gains);
  return few || (inverts_light(check, limits) && !improves(check, limits));
}

bool partial_collapse(const Checks& checks, size_t i, const Situation& situation) {
  const auto& [check, limits] = std::tie(checks[i], situation.limits);
  if (starved(checks, i, situation)) return false;
  const double starved_share = share_starved(check.starved_bins, check.bins);
  const bool gains = improves(check, limits);  // a young generator lacks much
  // Samples that are bad in another way, as noisy ones, lie in other bins too. Only a course shows which are always
  // missing.
  const bool good_else = situation.single_moment
                             ? check.density >= limits.whole_density
                             : check.density >= limits.partial_density || starved_share >= limits.most_bins;
  const bool thin = starved_share >= limits.starved_bins &&
                    check.coverage < limits.partial_coverage * check.coverage_baseline && good_else;
  // A kind or two left out of many leave coverage high: of good samples, that no chance starves bins is enough.
  const bool few_left_out = starved_share >= limits.few_starved_bins && check.density >= limits.whole_density;
  const bool bins_missing = !gains && (thin || few_left_out);
  const Check* before = check_before(checks, i);
  // Of many that starve, some have a few samples now and then.
  const double alike = starved_share >= limits.many_bins ? limits.steady_many_bins : limits.steady_bins;
  const bool steady = !before || likeness(check.starved_bins, before->starved_bins) >= alike;
  // Little variety that grows is no sickness.
  const bool gains_variety = i < kTrendChecks || check.diversity > limits.gain * checks[i - kTrendChecks].diversity;
  const bool little_variety = check.diversity < limits.partial_diversity &&
                              !(check.raw_diversity >= limits.partial_diversity) &&
                              (situation.single_moment || !gains_variety);
  // Of noise alone it cannot be said what it leaves out.
  const bool is_noise = situation.single_moment && check.density < limits.partial_density;
  // What varies as its sources do has not collapsed: it may still be of their kind, which leaves out kinds of the data.
  return !is_noise && !follows_sources(check, limits) && ((bins_missing && steady) || little_variety);
}

bool too_strong(const Checks& checks, size_t i, const Situation& situation) {
  const auto& [check, limits] = std::tie(checks[i], situation.limits);
  // The first check of a resumed training has nobody of before to play against.
  const bool played = situation.single_moment || std::isfinite(check.new_fakes_auc);
  return !situation.wasserstein && check.auc_unseen > limits.winning_auc && played && !generator_grows(check, limits) &&
         !improves(check, limits) && !starved(checks, i, situation) && !stands_still(check, limits);
}

bool too_weak(const Checks& checks, size_t i, const Situation& situation) {
  const auto& [check, limits] = std::tie(checks[i], situation.limits);
  const bool others_tell = std::fmax(check.fresh_critic, check.pixel_critic) > limits.weak_fresh_critic;
  return check.auc_unseen < limits.losing_auc && others_tell && !stands_still(check, limits) &&
         check.kid_low > check.kid_mild && !samples_good(check, limits) && !improves(check, limits);
}

bool converged(const Checks& checks, size_t i, const Situation& situation) {
  const auto& [check, limits] = std::tie(checks[i], situation.limits);
  return check.unseen >= limits.enough_unseen && samples_match(check, limits) && discriminator_guesses(check, limits);
}

bool good_plateau(const Checks& checks, size_t i, const Situation& situation) {
  const auto& [check, limits] = std::tie(checks[i], situation.limits);
  const bool fooled = std::isnan(check.auc_unseen) || check.auc_unseen <= limits.plateau_auc;
  return check.unseen >= limits.enough_unseen && samples_good(check, limits) && !improves(check, limits) &&
         !grows_denser(checks, i, limits) && fooled && !converged(checks, i, situation);
}

bool stalled(const Checks& checks, size_t i, const Situation& situation) {
  const auto& [check, limits] = std::tie(checks[i], situation.limits);
  return std::isfinite(check.improvement_p) && !improves(check, limits) && !covers_more(checks, i, limits) &&
         !samples_good(check, limits) && !generator_grows(check, limits) &&
         (!discriminator_grows(check, limits) || draws_the_same(check, limits));
}

bool healthy(const Checks& checks, size_t i, const Situation& situation) {
  const auto& [check, limits] = std::tie(checks[i], situation.limits);
  return improves(check, limits) || (samples_good(check, limits) && grows_denser(checks, i, limits)) ||
         (generator_grows(check, limits) && discriminator_grows(check, limits));
}

const std::vector<Detector>& detectors() {
  static const std::vector<Detector> all = {
      {State::standing_still, 2, 2, 2, standing_still},  // a cause, whatever the other player makes of it
      {State::diverged, 2, 2, 2, diverged},
      {State::copying, 3, 4, 2, copying},
      {State::discriminator_overfitting, 3, 4, 2, overfitting},
      {State::copies_input, 3, 4, 2, of_translation<gives_back_sources>},
      // Of which sameness is a symptom, and that it is another one each time.
      {State::ignores_input, 3, 4, 2, of_translation<ignores_sources>},
      {State::cycling, 3, 4, 2, cycling},  // before the sameness that it may show at each single check
      {State::wrong_colors, 3, 4, 2, wrong_colors},
      {State::full_collapse, 2, 2, 2, full_collapse},
      {State::partial_collapse, 3, 4, 2, partial_collapse},
      {State::generator_starved, 3, 4, 2, starved},
      {State::discriminator_too_strong, 3, 4, 2, too_strong},
      {State::discriminator_too_weak, 3, 4, 2, too_weak},
      {State::converged, 4, 4, 1, converged},
      {State::good_plateau, 3, 4, 2, good_plateau},
      {State::stalled, 4, 5, 2, stalled},
      {State::healthy_duel, 1, 2, 2, healthy},
  };
  return all;
}

/// The step since which a state holds after the last check, or -1.
int64_t holds_since(const Detector& detector, const Checks& checks, const Situation& situation) {
  std::vector<bool> shown;
  bool holds = false;
  int64_t since = -1;
  for (size_t i = 0; i < checks.size(); ++i) {
    shown.push_back(detector.shows(checks, i, situation));
    const auto last = [&](size_t count) {
      const auto first = shown.end() - static_cast<std::ptrdiff_t>(std::min(count, shown.size()));
      return static_cast<size_t>(std::count(first, shown.end(), true));
    };
    if (holds) {
      if (i + 1 >= detector.leave_after && last(detector.leave_after) == 0) holds = false;
    } else if (last(detector.window) >= detector.needed) {
      holds = true;
      // It began with the first check of the window that showed it.
      size_t first = i + 1 - std::min(detector.window, i + 1);
      while (!shown[first]) ++first;
      since = checks[first].step;
    }
  }
  return holds ? since : -1;
}

/// The step since which images are made of no colours, or, at two checks or more, far worse than what they are made
/// from: that they are not meant to look like the data as a whole does not excuse it.
std::optional<int64_t> spoilt_since(const Checks& checks, const Limits& limits) {
  size_t first = checks.size();
  while (first > 0 && checks[first - 1].truth_psnr_db < checks[first - 1].source_psnr_db - limits.spoilt_db) --first;
  const bool twice = checks.size() - first >= 2 || (checks.size() - first == 1 && beyond_colors(checks.back()));
  return twice ? std::optional(checks[first].step) : std::nullopt;
}

}  // namespace

std::vector<std::string> standing_players(const Check& check, const Situation& situation) {
  const Limits& limits = situation.limits;
  std::vector<std::string> standing;
  for (const auto& [player, update] : check.updates) {
    const auto slow = situation.slow_players.find(player);
    if (slow == situation.slow_players.end() || check.gradients.at(player) < limits.vanishing_gradient) continue;
    const auto& [rate, turns_per_step] = slow->second;
    const double scheduled = std::min(check.rates.at(player) / rate, 1.0);
    if (update * static_cast<double>(turns_per_step) < limits.still_update * scheduled) standing.push_back(player);
  }
  return standing;
}

bool all_alike(const Check& check, const Limits& limits) {
  const bool raw_collapsed = !(check.raw_diversity >= limits.collapse_diversity);  // unknown for foreign samples
  return (check.diversity < limits.collapse_diversity && raw_collapsed) || check.spread < limits.collapse_spread;
}

bool is_sick(State state) {
  switch (state) {
    case State::warming_up:
    case State::converged:
    case State::good_plateau:
    case State::healthy_duel:
    case State::undecided:
    case State::not_judged: return false;
    default: return true;
  }
}

bool looks_like_noise(const Check& check, const Limits& limits) {
  return check.kid > limits.noise_share * check.kid_noise;
}

bool beyond_noise(const Check& check) { return check.kid > check.kid_noise; }

bool improves(const Check& check, const Limits& limits) {
  return check.improvement_p < limits.significant && !beyond_noise(check);
}

bool samples_good(const Check& check, const Limits& limits) {
  return check.features_work && check.kid_high < limits.good_kid * check.kid_mild &&
         check.coverage >= limits.good_coverage * check.coverage_baseline && check.density >= limits.good_density &&
         check.diversity >= limits.good_diversity && !nearer_to_known(check, limits);
}

bool worth_going_back_to(const std::vector<Check>& game, const Limits& limits) {
  double best = std::numeric_limits<double>::infinity();
  for (const Check& check : game) best = std::fmin(best, check.kid_high);
  return !game.empty() && game.back().finite &&
         !(game.back().kid_high > limits.worse * std::fmax(best, game.back().kid_mild));
}

bool samples_match(const Check& check, const Limits& limits) {
  return check.features_work && check.kid_high < check.kid_mild &&
         check.coverage >= limits.match_coverage * check.coverage_baseline &&
         check.bins_different <= check.bins_limit && check.diversity >= limits.match_diversity &&
         !nearer_to_known(check, limits);
}

bool discriminator_guesses(const Check& check, const Limits& limits) {
  const auto equivalent = [&](double low, double high) {
    return low > 0.5 - limits.equivalent_auc && high < 0.5 + limits.equivalent_auc;
  };
  return equivalent(check.auc_unseen_low, check.auc_unseen_high) &&
         equivalent(check.auc_training_low, check.auc_training_high) && check.answers_distance <= check.answers_limit &&
         check.fresh_critic_high < limits.equivalent_fresh &&
         !(check.pixel_critic_high >= limits.equivalent_fresh);  // unknown in the light mode
}

std::vector<Finding> find_states(const std::vector<Check>& checks, const Situation& situation) {
  std::vector<Finding> findings;
  if (checks.empty()) return {{State::warming_up, 0}};
  // Of what is not meant to look like the data, a likeness says nothing.
  if (checks.back().finite && !checks.back().imitates_data) {
    const auto since = spoilt_since(checks, situation.limits);
    return {since ? Finding{State::diverged, *since} : Finding{State::not_judged, checks.front().step}};
  }
  for (const auto& detector : detectors()) {
    if (const auto since = holds_since(detector, checks, situation); since >= 0) {
      findings.push_back({detector.state, since});
    }
  }
  const bool early = situation.young || (!situation.single_moment &&
                                         static_cast<int64_t>(checks.size()) < situation.limits.warm_up_checks);
  // Numbers that are no numbers need no second look.
  if (!checks.back().finite) {
    const auto known = std::find_if(findings.begin(), findings.end(),
                                    [](const Finding& finding) { return finding.state == State::diverged; });
    const int64_t since = known == findings.end() ? checks.back().step : known->since_step;
    std::erase_if(findings, [](const Finding& finding) { return finding.state == State::diverged; });
    findings.insert(findings.begin(), {State::diverged, since});
  } else if (early) {
    return {{State::warming_up, 0}};
  }
  // A sick duel is not healthy as well, and the last of two checks may have lost what the first one learnt.
  if (!findings.empty() && (is_sick(findings.front().state) || beyond_noise(checks.back()))) {
    std::erase_if(findings, [](const Finding& finding) { return finding.state == State::healthy_duel; });
  }
  if (findings.empty()) findings.push_back({State::undecided, checks.back().step});
  // Looks at one moment were compared with the check before it, since which samples have improved or not.
  const Check* before = check_before(checks, checks.size() - 1);
  for (Finding& finding : findings) {
    const bool of_course = finding.state == State::stalled || finding.state == State::healthy_duel;
    if (of_course && finding.since_step == checks.back().step && before) finding.since_step = before->step;
  }
  return findings;
}

}  // namespace forger
