#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace forger {

/// What the discriminator answered to one batch of images in one step.
struct LogitReport {
  /// Mean and standard deviation of the logits.
  double mean = 0;
  double spread = 0;
  /// Mean p(real), 0 to 1; NaN where the objective's logits have no such meaning.
  double p_real = std::numeric_limits<double>::quiet_NaN();
};

/// What one player's last turn did.
struct PlayerReport {
  /// "generator", "discriminator" …
  std::string name;
  double learning_rate = 0;
  /// L2 norms over all parameters: of the gradient before the optimiser saw it, and of the weights.
  double gradient_norm = 0;
  double weight_norm = 0;
  /// Norm of the step taken over `weight_norm`.
  double update_ratio = 0;
};

/// The plain numbers of one training step. A line of `steps.jsonl` (docs/run_folder.md) holds the same.
struct StepReport {
  /// Generator turns done since the start of the run, this one included.
  int64_t step = 0;
  /// Real images shown since the start of the run.
  int64_t images = 0;
  /// Training time since the start of the run in seconds, stopped and resumed parts added up.
  double seconds = 0;
  /// Time of this step, and the part of it that waited for data, in seconds.
  double step_seconds = 0;
  double data_wait_seconds = 0;
  /// Over the last few seconds of steps, waits for data included; checks, checkpoints and previews between steps are
  /// not counted.
  double images_per_second = 0;
  /// By name: "generator", "discriminator", and each penalty that was applied in this step ("r1", "r2",
  /// "gradient_penalty", weighted as added to the discriminator's loss).
  std::map<std::string, double> losses;
  LogitReport real;
  LogitReport fake;
  std::vector<PlayerReport> players;
  /// Whether every loss and gradient of this step was finite. If not, the step was not applied.
  bool finite = true;
  /// Steps not applied since the start of the run.
  int64_t bad_steps = 0;
};

}  // namespace forger
