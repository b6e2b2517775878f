#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/open.h"
#include "forger/verdict.h"
#include "referee/detectors.h"
#include "referee/probe.h"
#include "referee/step_meter.h"

namespace forger {

/// Makes a new exhibit of a game.
using MakeExhibit = std::function<std::unique_ptr<Exhibit>()>;

/// Says whether a training works, from step reports and samples. It reads weights and never writes them: a training
/// with a referee equals, bit for bit, the one without.
class Referee {
 public:
  /// `exhibit`: that of the game as it is whenever it is asked for; `history`: checks of the run so far, oldest first.
  Referee(const Config& config, MakeExhibit exhibit, const OpenedData& data, std::vector<Check> history);

  /// Takes note of a step.
  void watch(const StepReport& report) { steps_.watch(report); }

  /// Whether a check is due after `step`, at `seconds` of training: every so many steps, or as often as the share of
  /// the training time that checks may take allows, by what they took so far.
  bool is_due(int64_t step, double seconds) const;

  /// Measures and judges. `state`: the game's tensors, only read. The first call reads the reference images.
  Verdict check(const TensorMap& state, int64_t step, int64_t images, double seconds);

  /// Checks so far, oldest first; the last one belongs to the last verdict.
  const std::vector<Check>& history() const { return history_; }

  /// Goes on with another configuration and weights that were rolled back: what was said so far is of another game.
  void start_over(const Config& config);

  /// Features of the last check's samples, `[N, d]`, and of as many unseen images, for comparing before and after;
  /// undefined before the first check.
  at::Tensor sample_features() const { return probe_ ? probe_->last_features() : at::Tensor(); }
  at::Tensor unseen_features() const { return reference_ ? reference_->unseen_features : at::Tensor(); }

 private:
  void prepare();

  Config config_;
  MakeExhibit make_exhibit_;
  OpenedData data_;
  std::shared_ptr<const Reference> reference_;
  std::unique_ptr<Probe> probe_;
  StepMeter steps_;
  std::vector<Check> history_;
  bool new_game_ = false;
  double spent_seconds_ = 0, next_cost_seconds_;
};

/// Judges one moment by itself, `state` of a checkpoint, by several looks at fresh samples; `earlier` checks of the run
/// come before them; `costly` adds the tests that take long. Returns the verdict and the last look.
std::pair<Verdict, Check> judge_moment(const Config& config, const MakeExhibit& exhibit,
                                       std::shared_ptr<const Reference> reference, const TensorMap& state,
                                       std::vector<Check> earlier, Check moment, bool costly,
                                       const std::string& language);

/// Judges samples that anything made: condition 2 and copying. `images`: float `[N, C, H, W]` in [-1, 1] of the
/// reference's shape. Throws Error when they are fewer than 50, of another shape, or not finite; of
/// fewer than 200 nothing is concluded.
std::pair<Verdict, Check> judge_samples(const at::Tensor& images, const Reference& reference,
                                        const std::string& language);

/// What the detectors have to know of a training's configuration.
Situation situation_of(const Config& config);

/// How many unseen images a mode of checking looks at: 1,000 for "light", 2,000 for "full".
int64_t images_looked_at(const std::string& mode);

}  // namespace forger
