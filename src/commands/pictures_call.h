#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "commands/complaints.h"
#include "commands/stop_signal.h"
#include "commands/upscale_plan.h"
#include "commands/work_progress.h"
#include "core/shared_items.h"
#include "forger/upscale.h"

namespace forger::commands {

/// A call over many pictures of any size, which processes may share: what cannot be read or made is named, and the rest
/// is done.
class PicturesCall {
 public:
  struct Options {
    /// What becomes of pictures: "upscaled", "translated".
    std::string what;
    /// --out, for people.
    std::string out;
    /// What is there already is passed over.
    bool resume = false;
  };

  /// `team`: null where this process makes all. Waits until all have their plan. Throws TeamError where it is another.
  PicturesCall(const UpscalePlan& plan, Options options, std::shared_ptr<Team> team);

  UpscaleHooks hooks();
  /// `work` makes one file, of the plan's those that are this process's, and says whether it was not stopped.
  void run(const std::function<bool(const UpscalePlan::Step&)>& work);
  /// Returns the exit code: 0, kSomeSkipped or kInterrupted. Throws Error where nothing could be made.
  int finish();

 private:
  /// What became of a step, or something said of it.
  void tell(const nlohmann::json& report);
  bool try_step(const UpscalePlan::Step& step, const std::function<bool(const UpscalePlan::Step&)>& work);
  void skip(const std::string& reason);

  const UpscalePlan& plan_;
  Options options_;
  SharedItems items_;
  WorkProgress progress_;
  StopSignal signal_;
  Complaints skipped_{"skipped"};
  int64_t number_ = 0;  ///< of the step at work
  int64_t made_ = 0, there_ = 0;
};

/// Names on standard error what sets hold that is no picture.
void say_passed_over(const Inputs& pictures);

/// The option for the side of tiles, "auto" or a number, and what it stands for: 0 for "auto".
void add_tile(CLI::App& command, const std::string& flags, std::string& tile, const std::string& explanation);
int64_t tile_px_of(const std::string& tile);

}  // namespace forger::commands
