#include "forger/training.h"

#include <nlohmann/json.hpp>

#include "api/recorder.h"
#include "api/session.h"
#include "core/fail.h"
#include "core/torch.h"
#include "players/precision.h"
#include "run/build_info.h"
#include "run/checkpoint.h"

namespace forger {
namespace {

/// The whole flow: batches feed the trainer, the recorder leaves its traces in the run folder.
TrainingResult run_training(TrainingSession& session, const RunFolder& run, const TrainingHooks& hooks) {
  Trainer& trainer = *session.trainer;
  Recorder recorder(run, session, hooks);
  if (trainer.progress().step == 0) recorder.checkpoint();

  const TrainingEnd end = trainer.run({
      .report = [&](const StepReport& report) { recorder.report(report); },
      .checkpoint = [&] { recorder.checkpoint(); },
      .preview = [&] { recorder.preview(); },
      .roll_back = [&] { recorder.roll_back(); },
      .stop_requested = [&] { return hooks.stop_requested && hooks.stop_requested(); },
  });
  if (end == TrainingEnd::diverged) recorder.diverged();
  return {end, run.path(), trainer.progress().step, trainer.progress().seconds};
}

}  // namespace

TrainingResult train(const Config& config, const std::filesystem::path& run_folder, const TrainingHooks& hooks) {
  TrainingSession session(config, hooks);
  const auto run = RunFolder::create(run_folder, session.config);
  write_file_atomically(run.build(), build_info_json(session.device, uses_bfloat16(session.config.training.precision,
                                                                                   session.device)));
  return run_training(session, run, hooks);
}

TrainingResult resume(const std::filesystem::path& run_folder,
                      const std::vector<std::pair<std::string, std::string>>& settings, const TrainingHooks& hooks) {
  const auto run = RunFolder::open_to_train(run_folder);
  Config config = Config::from_file(run.config());
  for (const auto& [key, value] : settings) config.set(key, value);
  TrainingSession session(config, hooks);
  if (const auto state = read_latest_checkpoint(run)) session.trainer->restore(*state);
  if (!settings.empty()) write_file_atomically(run.config(), session.config.to_toml());
  return run_training(session, run, hooks);
}

}  // namespace forger
