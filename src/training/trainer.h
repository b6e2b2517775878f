#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <utility>

#include "core/item_rows.h"
#include "data/batches.h"
#include "forger/config.h"
#include "forger/training.h"
#include "games/game.h"

namespace forger {

class Team;

/// The numbers of a training that survive a stop.
struct TrainingProgress {
  int64_t step = 0;
  int64_t images = 0;
  double seconds = 0;
  /// Steps that were not applied: in all, and in a row up to now.
  int64_t bad_steps = 0;
  int64_t bad_in_row = 0;
  /// Halved by the roll-back.
  double rate_factor = 1;
  bool rolled_back = false;
  /// Where the data stands.
  int64_t position = 0;
};

/// Everything that the next step depends on.
struct TrainingState {
  TrainingProgress progress;
  TensorMap tensors;
};

/// What becomes of the loop after a step.
enum class Signal {
  go_on,
  stop,   ///< write a checkpoint and return TrainingEnd::settled
  leave,  ///< return TrainingEnd::stopped at once: the caller changes something and runs on
};

/// What the loop asks of its surroundings. All of them run on the training thread, between steps.
struct TrainerHooks {
  std::function<Signal(const StepReport&)> report;
  std::function<void()> checkpoint;
  std::function<void()> preview;
  /// Brings the last checkpoint back through Trainer::restore.
  std::function<void()> roll_back;
  std::function<bool()> stop_requested;
};

/// The loop: batch, game step, report. It knows no architecture and no loss.
class Trainer {
 public:
  /// `team`: the processes that train together, or null. All of them make the same calls; what is asked of the
  /// surroundings, but for a stop, is asked of rank 0's alone, whose clock counts.
  Trainer(const TrainingOptions& options, Game& game, Batches& batches, Team* team = nullptr);

  /// Trains until the budget is used up, somebody asks to stop, or the numbers blow up for the second time. A
  /// checkpoint is asked for when due and before it returns, except after divergence.
  TrainingEnd run(const TrainerHooks& hooks);

  /// The state between steps, as live tensors: use it before the next step.
  TrainingState state() const;
  /// Throws Error naming the tensor that is missing, superfluous or of another shape. Averages may be either.
  void restore(const TrainingState& state);
  /// Weights, averages and optimisers of `tensors`, but the counters, clocks and place in the data of `progress`: what
  /// was tried in vain stays counted.
  void restore_weights(const TensorMap& tensors, const TrainingProgress& progress);

  /// Gives everyone in the team rank 0's state.
  void share_state();

  const TrainingProgress& progress() const { return progress_; }

 private:
  StepReport step();
  /// What all agree on between steps: whether anyone asks for a stop, and rank 0's signal and clock.
  std::pair<bool, Signal> agreed(bool stop, Signal signal);
  void average_losses(StepReport& report) const;
  double budget_used() const;
  void measure_speed(StepReport& report);

  TrainingOptions options_;
  Game& game_;
  Batches& batches_;
  Team* team_;
  ItemRows rows_;
  TrainingProgress progress_;
  std::chrono::steady_clock::time_point started_;
  double seconds_before_ = 0;
  double stepped_seconds_ = 0;                     // in steps alone, without what is done between them
  std::deque<std::pair<double, int64_t>> recent_;  // (these, images) of the last seconds
};

}  // namespace forger
