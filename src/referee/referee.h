#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/open.h"
#include "forger/verdict.h"
#include "referee/detectors.h"
#include "referee/probes.h"
#include "referee/step_meter.h"

namespace forger {

/// A place in a training: steps done, real images shown, seconds of training.
struct Moment {
  int64_t step = 0;
  int64_t images = 0;
  double seconds = 0;
};

/// Says whether a training works, from step reports and samples. It reads weights and never writes them: a training
/// with a referee equals, bit for bit, the one without.
class Referee {
 public:
  /// `exhibit`: that of the game as it is whenever it is asked for; `history`: checks of the run so far, oldest first.
  Referee(const Config& config, MakeExhibit exhibit, const OpenedData& data, std::vector<Check> history);

  /// Takes note of a step.
  void watch(const StepReport& report) { steps_.watch(report); }

  /// Whether a check is due: every so many steps, or as many, evenly over the budget, as the share of
  /// the training time that checks may take allows, by what they took so far.
  bool is_due(const Moment& now) const;

  /// Measures and judges. `state`: the game's tensors, only read. The first call reads the reference images.
  Verdict check(const TensorMap& state, const Moment& now);

  /// What people should know where the training gets too few checks for what they are to bring about (`referee.mend`,
  /// `referee.until`); "" where it gets enough, and as long as nobody can tell.
  std::string too_few_checks(const Moment& now) const;

  /// Whether this moment should be kept to be measured at the end: half of the budget is used up, and a check would
  /// have cost too much so far.
  bool should_keep(const Moment& now) const;
  void keep(const TensorMap& state, const Moment& now);

  /// Whether a training that used up its budget is long enough for a last word.
  bool may_conclude(const Moment& end) const;
  /// About what the next check, and the last word, will take.
  double next_check_seconds(const Moment& now) const { return preparing_seconds() + look_seconds(now); }
  double conclude_seconds(const Moment& end) const;
  /// The last word on a training that used up its budget. Where checks were too few for a verdict, several looks at the
  /// last moment take their place, as many as a tenth of the training's time allows, and are held against the checks
  /// that there are, or the moment that was kept.
  Verdict conclude(const TensorMap& state, const Moment& end);

  /// Checks so far, oldest first; the last one belongs to the last verdict.
  const std::vector<Check>& history() const { return history_; }

  /// Goes on with another configuration and weights that were rolled back: what was said so far is of another game.
  void start_over(const Config& config);

  /// Features of the last check's samples, `[N, d]`, and of as many unseen images, for comparing before and after;
  /// undefined before the first check.
  /// `back`: those of the way back, in games that go both ways.
  at::Tensor sample_features(bool back) const { return probes_ ? probes_->last_features(back) : at::Tensor(); }
  at::Tensor unseen_features(bool back) const;

 private:
  void prepare(const Moment& now);
  /// Whether checks so far are of another game: mending changed it, or the discriminator has joined.
  bool is_new_game(const Moment& now) const;
  /// What the step reports tell, and the place in the training.
  Check next_check(const Moment& now);
  /// Only where nothing was checked before the end is the kept moment measured.
  void forget_kept();
  Verdict judge(const std::vector<Check>& looked_at, const Situation& situation) const;
  /// Images that a look is at: fewer where a budget allows only few checks because images take long.
  int64_t images_a_look(const Moment& now) const;
  /// Seconds of a look at the samples, and of what has to be read and learnt before the first one.
  double look_seconds(const Moment& now) const;
  double preparing_seconds() const;
  /// Checks that the share of the whole training's time for them still allows.
  double checks_left(const Moment& now) const;

  Config config_;
  MakeExhibit make_exhibit_;
  OpenedData data_;
  References references_;
  std::unique_ptr<Probes> probes_;
  StepMeter steps_;
  std::vector<Check> history_;
  bool new_game_ = false;
  /// The moment to be measured at the end, and its networks.
  std::optional<Check> kept_;
  TensorMap kept_state_;
  double spent_seconds_ = 0;
  std::optional<double> look_seconds_;
};

/// Judges one moment by itself, `state` of a checkpoint, by several looks at fresh samples; `earlier` checks of the run
/// come before them; `costly` adds the tests that take long. Returns the verdict and the last look.
std::pair<Verdict, Check> judge_moment(const Config& config, const MakeExhibit& exhibit, const References& references,
                                       const TensorMap& state, std::vector<Check> earlier, const Check& moment,
                                       bool costly, const std::string& language);

/// Judges samples that anything made: condition 2 and copying. `images`: float `[N, C, H, W]` in [-1, 1] of the
/// reference's shape. Throws Error when they are fewer than 50, of another shape, or not finite; of
/// fewer than 200 nothing is concluded.
std::pair<Verdict, Check> judge_samples(const at::Tensor& images, const Reference& reference,
                                        const std::string& language);

/// What the detectors have to know of a training's configuration, whose last check is at `last`.
Situation situation_of(const Config& config, const Moment& last);

/// How many unseen images a mode of checking looks at: 1,000 for "light", 2,000 for "full".
int64_t images_looked_at(const std::string& mode);

}  // namespace forger
