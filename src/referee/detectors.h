#pragma once

#include <map>
#include <string>
#include <vector>

#include "forger/config.h"
#include "forger/verdict.h"
#include "referee/check.h"

namespace forger {

/// The limits that verdicts compare with, calibrated in benchmarks/referee (docs/referee.md).
struct Limits {
  double collapse_diversity = 0.1, collapse_spread = 0.12;
  double partial_diversity = 0.5, partial_coverage = 0.7, partial_density = 0.05, whole_density = 0.5;
  double few_starved_bins = 0.04, starved_bins = 0.1, most_bins = 0.5;
  double steady_bins = 0.5, many_bins = 0.2, steady_many_bins = 0.35, steady_kinds = 0.6, gain = 1.15;
  double movement = 0.15, same_movement = 2;
  double forgotten_auc = 0.7;
  double winning_auc = 0.98, losing_auc = 0.6, sure_auc = 0.95;
  double weak_fresh_critic = 0.85;
  double signal_at_logits = 0.05, signal_share = 1e-3;
  double overfit_gap = 0.10, overfit_memorising = 0.5, overfit_z = 1.64;
  double copying_z = -3, copying_nearer = 0.3, repeated = 0.5;
  double equivalent_auc = 0.05, equivalent_fresh = 0.55;
  double match_coverage = 0.95, match_diversity = 0.9;
  /// In units of the mildest damage's distance, of real images' coverage and density, and of the data's variety.
  double good_kid = 5, good_coverage = 0.7, good_density = 0.7, good_diversity = 0.5;
  double plateau_auc = 0.9;
  /// A generator that has hardly moved makes noise, before which any slope is steep.
  double moved_weights = 1.05;
  double exploding_slope = 10, exploding_weights = 10, exploding_update = 0.03, exploding_spread = 10,
         exploding_reach = 10, standing_update = 1e-6, still_update = 5e-6, vanishing_gradient = 1e-5,
         noise_share = 0.5;
  /// How many dB further from the truth than its source an image may be made at two checks. Below 0 dB it is of no
  /// colour.
  double spoilt_db = 10;
  double growth_auc = 0.02, some_coverage = 0.2, coverage_deviations = 3, density_deviations = 2, denser = 0.05;
  /// Of translation. The kinds of sources and images differ, and a copy is no nearer to its truth, or its kind, than so
  /// many times its source.
  double copied_distance = 0.2, copied_truth = 0.9, copied_kid = 0.7;
  double source_effect = 0.15, own_truth = 0.57, color_variety = 0.12, color_gain = 1.5, inverted_light = -0.3,
         inverted_kid = 0.5;
  double significant = 0.05;
  double worse = 2;
  /// Held-out images below which convergence is never said, and below which a copy must be much nearer to count.
  int64_t enough_unseen = 500, few_unseen = 50;
  int64_t warm_up_checks = 5;
};

/// A player whose learning rate may be why it stands still.
struct SlowPlayer {
  /// As it is configured, before schedules.
  double rate = 0;
  int64_t turns_per_step = 1;
};

/// What detectors know besides the checks.
struct Situation {
  /// Critics that are meant to be near their optimum cannot be too strong.
  bool wasserstein = false;
  /// So little of the training is done that all but a divergence is too early to say, however many checks there are.
  bool young = false;
  /// Players whose learning rate may be why they stand still, by name.
  std::map<std::string, SlowPlayer> slow_players = {};
  /// All checks are of one moment (a judgement after the fact): no course can be read, and no warm-up is due.
  bool single_moment = false;
  Limits limits;
};

/// A state that holds, and since which step.
struct Finding {
  State state = State::undecided;
  int64_t since_step = 0;
};

/// All states that hold after the last of `checks` (in order of time), the leading one first; never empty.
std::vector<Finding> find_states(const std::vector<Check>& checks, const Situation& situation);

/// Players that stood still between the last two checks because of their learning rates: so little did a step change
/// their weights, though there was a gradient to follow. A rate that the training's schedule lowered is no sickness.
std::vector<std::string> standing_players(const Check& check, const Situation& situation);

/// Whether samples are nearly all alike: the mark of a full collapse, whatever brought it about.
bool all_alike(const Check& check, const Limits& limits);
/// Whether something is wrong that a remedy might mend.
bool is_sick(State state);
/// Whether the samples of the last check are nearly the best of the game so far: a sickness begins before it has a
/// name.
bool worth_going_back_to(const std::vector<Check>& game, const Limits& limits);
/// Whether the samples match unseen data on every sample test (condition 2).
bool samples_match(const Check& check, const Limits& limits);
/// Whether the samples are good without passing for unseen data in every test: near it as distances go, where its
/// images lie as densely, with most of its kinds and of its variety.
bool samples_good(const Check& check, const Limits& limits);
/// Whether the discriminator only guesses, by equivalence, and a fresh one too (condition 1).
bool discriminator_guesses(const Check& check, const Limits& limits);
/// Whether the samples are so far from the data that they may as well be noise.
bool looks_like_noise(const Check& check, const Limits& limits);
/// Whether the samples are farther from the data than noise is.
bool beyond_noise(const Check& check);
/// Whether the samples came nearer to the data over the last checks. What is farther off than noise does not count:
/// there, nearer means nothing.
bool improves(const Check& check, const Limits& limits);

}  // namespace forger
