#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "commands/live_line.h"
#include "commands/stop_signal.h"
#include "config/game_table.h"
#include "forger/training.h"

namespace forger::commands {

/// What `train` and `resume` show while they work.
enum class Show {
  progress,  ///< one live line on a terminal, else a plain line every few seconds
  nothing,   ///< --quiet: the end only
  json,      ///< --json: every step report as a line of JSON, then the result
};

/// Runs a training with progress on standard output, signals turned into a clean stop (StopSignal), and the end
/// explained. Returns the exit code: 0 finished or stopped, 1 diverged.
class Progress {
 public:
  /// `team`: as in TrainingHooks.
  explicit Progress(Show show, std::shared_ptr<Team> team = nullptr);

  /// Hooks to pass to `train` or `resume`.
  TrainingHooks hooks();
  /// Prints the end and where everything is; returns the exit code.
  int finish(const TrainingResult& result);

 private:
  void on_step(const StepReport& report);
  void on_verdict(const Verdict& verdict);
  void on_message(const std::string& text);
  std::string line(const StepReport& report) const;
  double seconds_left(const StepReport& report) const;

  StopSignal stop_signal_;
  TrainingOptions budget_;
  DataKind data_ = DataKind::images;
  Show show_;
  std::shared_ptr<Team> team_;
  LiveLine live_{LiveLine::On::output};
  std::chrono::steady_clock::time_point last_shown_;
  bool shown_ = false;
  StepReport first_;  // of this process, for the pace
  StepReport last_;
  std::optional<Verdict> verdict_;
  double waited_ = 0, stepped_ = 0;
};

}  // namespace forger::commands
