#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "forger/config.h"
#include "forger/objective.h"
#include "forger/step_report.h"
#include "forger/team.h"
#include "forger/verdict.h"

namespace forger {

/// How a training ended.
enum class TrainingEnd {
  finished,  ///< the budget is used up
  settled,   ///< the referee ended it: converged, or on a good plateau (`referee.until`)
  stopped,   ///< somebody asked it to stop; `resume` goes on
  diverged,  ///< losses or gradients were not finite, also after a roll-back; `verdicts.jsonl` says since when
};

/// "finished", "settled", "stopped" or "diverged".
std::string end_name(TrainingEnd end);

/// What a caller may watch and change. Every function is called on the training thread between steps; all are optional.
struct TrainingHooks {
  /// Once, before the first step of this call, with the complete configuration.
  std::function<void(const Config&)> on_start;
  /// After every step.
  std::function<void(const StepReport&)> on_step;
  /// After every check of the referee.
  std::function<void(const Verdict&)> on_verdict;
  /// One line for people: what conversion loses of the images, an image could not be read, a roll-back …
  std::function<void(const std::string&)> on_message;
  /// Asked before every step; true ends the training after a checkpoint.
  std::function<bool()> stop_requested;
  /// Trains with this objective instead of the configuration's. `resume` needs it again.
  std::shared_ptr<const Objective> objective;
  /// The processes that train together, as `join_team` found them; null: this one alone. Each of them makes the same
  /// call; rank 0 alone writes the run folder, judges, and calls the functions above but `stop_requested`, which
  /// everyone may answer.
  std::shared_ptr<Team> team;
};

/// What a training left behind.
struct TrainingResult {
  TrainingEnd end = TrainingEnd::finished;
  std::filesystem::path run_folder;
  /// The last step done.
  int64_t step = 0;
  /// Training time in seconds, stopped and resumed parts added up.
  double seconds = 0;
  /// The referee's last word, if it said anything.
  std::optional<Verdict> verdict;
};

/// Trains as `config` says and leaves everything in `run_folder`, a folder that is made (or empty). Throws Error before
/// anything is written when configuration, data or device cannot work.
TrainingResult train(const Config& config, const std::filesystem::path& run_folder, const TrainingHooks& hooks = {});

/// Goes on from the last checkpoint of a run folder, exactly as if the training had never stopped. `settings`: keys to
/// change first, e.g. {{"training.steps", "20000"}}. Throws Error when the folder holds no run, another process trains
/// in it, or the data has another shape than before.
TrainingResult resume(const std::filesystem::path& run_folder,
                      const std::vector<std::pair<std::string, std::string>>& settings = {},
                      const TrainingHooks& hooks = {});

/// What a training would do, without starting it.
struct TrainingPlan {
  /// The configuration with data size, channels and budget filled in.
  Config config;
  /// A table for people: every layer of each network with shapes and parameter counts.
  std::string networks;
  int64_t training_images = 0;
  int64_t held_out_images = 0;
  /// What conversion keeps of the images and what is lost, a line each.
  std::vector<std::string> conversion;
  /// Measured in a few steps on random images, which are then thrown away.
  double seconds_per_1000_images = 0;
  /// What a person should know of the data before the training begins, a line each.
  std::vector<std::string> notices;
  /// Peak memory of this process during these steps plus the cache of decoded images, in bytes.
  int64_t memory_bytes = 0;
};

/// Opens the data, builds the networks and tries a few steps. Throws what `train` would throw.
TrainingPlan plan_training(const Config& config);

}  // namespace forger
