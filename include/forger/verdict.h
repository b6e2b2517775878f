#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace forger {

/// The states that a training can be in, in the order in which one leads when several hold (docs/referee.md).
enum class State {
  standing_still,
  diverged,
  warming_up,
  copying,
  discriminator_overfitting,
  cycling,
  copies_input,
  ignores_input,
  wrong_colors,
  full_collapse,
  partial_collapse,
  generator_starved,
  discriminator_too_strong,
  discriminator_too_weak,
  converged,
  good_plateau,
  stalled,
  healthy_duel,
  undecided,
  not_judged,
};

/// "diverged", "warming-up", "copying" …
std::string state_name(State state);

/// One measurement that a verdict rests on.
struct Evidence {
  /// In the verdict's language.
  std::string name;
  double value = 0;
  /// 90 or 95 % interval; NaN where there is none.
  double low = 0, high = 0;
  /// The same measured on real against real; NaN where that has no meaning.
  double baseline = 0;
  /// The limit that the verdict compares with.
  double threshold = 0;
};

/// Something that mends a state.
struct Remedy {
  /// What to do, why it helps, where that is known from; in the verdict's language.
  std::string what, why, source;
  /// Whether `--mend` does it by itself; then `settings` are the keys that it changes.
  bool automatic = false;
  std::vector<std::pair<std::string, std::string>> settings;
  /// Whether new networks have to start over.
  bool restarts = false;
};

/// What mending did after a verdict.
struct MendEvent {
  /// "begun", "kept" or "undone".
  std::string action;
  /// Number of the attempt, from 1.
  int64_t attempt = 0;
  /// The state that it is against, and the remedy.
  State against = State::undecided;
  Remedy remedy;
  /// The step whose weights the training went back to; -1: it did not, or started over.
  int64_t back_to_step = -1;
};

/// What the referee says after a check.
struct Verdict {
  int64_t step = 0;
  State state = State::undecided;
  /// Of a game that goes both ways, the one that the state and its numbers are of: "a2b" or "b2a"; else empty.
  std::string way;
  /// One sentence for people, with the numbers in it.
  std::string sentence;
  /// The first check at which the state held without a break.
  int64_t since_step = 0;
  /// Further states that hold.
  std::vector<State> also;
  /// The most telling first.
  std::vector<Evidence> evidence;
  std::vector<Remedy> remedies;
  /// What the check took.
  double check_seconds = 0;
  /// What mending did about it, if anything.
  std::optional<MendEvent> mend;
};

}  // namespace forger
