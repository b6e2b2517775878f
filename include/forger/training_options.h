#pragma once

#include <cstdint>
#include <string>

namespace forger {

/// The training loop.
struct TrainingOptions {
  /// Images in a batch. `accumulate` splits it into as many parts whose gradients are averaged.
  int64_t batch_size = 64;
  int64_t accumulate = 1;
  /// Budget: the first of these to be reached ends the training; 0: no such limit. `steps` counts generator turns.
  int64_t steps = 0;
  double minutes = 0;
  int64_t images = 0;
  /// "auto" (bfloat16 where the hardware has it), "bfloat16" or "float32". Penalties are always float32.
  std::string precision = "auto";
  /// "auto", "cpu", "cuda" or "cuda:N".
  std::string device = "auto";
  /// Processor threads for the networks; 0: LibTorch's choice.
  int64_t threads = 0;
  /// Of several processes: batch statistics of all of them ("sync") or of each ("each"; rank 0's running ones are
  /// kept).
  std::string batch_norm = "sync";
  /// Seconds after which a process that does not answer is taken for lost, and the training ends.
  double process_timeout = 60;
  uint64_t seed = 1;
  /// Which player moves first in a step: "discriminator" or "generator".
  std::string first_turn = "discriminator";
  /// Learning rates over the training: "constant", "linear" or "cosine" down to `final_rate` of the start, reached
  /// after `schedule_steps` (0: at the end of the budget), after `warmup_steps` of linear growth. Where the budget is
  /// `minutes`, rates then depend on the clock, and a resumed run only resembles the unstopped one.
  std::string schedule = "constant";
  double final_rate = 0;
  int64_t schedule_steps = 0;
  int64_t warmup_steps = 0;
  /// A checkpoint after so many steps or minutes, whichever comes first; 0: not by this measure.
  int64_t checkpoint_steps = 0;
  double checkpoint_minutes = 5;
  /// How many of the newest checkpoints stay.
  int64_t checkpoint_keep = 2;
  /// A sample grid after so many steps; 0: with checkpoints only.
  int64_t preview_steps = 0;
  /// A line of steps.jsonl after so many steps; a line carries the last step's numbers.
  int64_t report_steps = 1;
  /// Weight norms and update ratios are measured in every k-th step (each time costs a copy of the weights); the lines
  /// between repeat the last ones.
  int64_t weight_norm_steps = 10;
  /// Non-finite steps in a row before the run rolls back to its last checkpoint with half the learning rates, once.
  int64_t max_bad_steps = 5;
  /// Writes TensorBoard event files into the run folder.
  bool tensorboard = true;

  bool operator==(const TrainingOptions&) const = default;
};

/// The referee, who says whether the training works. It never changes what a step computes.
struct RefereeOptions {
  /// "off", "light" or "full" (more images a check: surer and dearer).
  std::string mode = "light";
  /// A check after so many steps; 0: as often as `cost` allows.
  int64_t every_steps = 0;
  /// The share of the training time that checks may take, 0 to 1, when `every_steps` is 0.
  double cost = 0.03;
  /// Steps before which every verdict but "diverged" is "warming-up", if half of the budget is not used up before.
  int64_t start_steps = 500;
  /// What ends the training before its budget: "budget" (nothing), "converged", or "plateau" (that or a good plateau).
  std::string until = "budget";
  /// Mends a sick training by itself: rolls back, changes one thing, keeps it if the samples improve.
  bool mend = false;
  /// Mending gives up after so many attempts.
  int64_t attempts = 3;

  bool operator==(const RefereeOptions&) const = default;
};

}  // namespace forger
