#include "api/team_training.h"

#include "build_constants.h"
#include "config/parse.h"
#include "core/gpu_link.h"
#include "core/team.h"

namespace forger {
namespace {

/// What has to be the same in all processes, a line each. Where data lies, and on what each works, is its own.
std::string signature(const TrainingSession& session) {
  Config config = session.config;
  config.data.source = config.degradation.low = config.super_resolution.perceptual_weights = "";
  config.training.device = "auto";
  config.training.threads = config.data.workers = 0;
  return "program: " FORGER_VERSION " (" FORGER_REVISION ")\ndata: " + to_json(session.record) + "\n" +
         config.to_toml();
}

}  // namespace

std::vector<std::string> agree(const TrainingSession& session) {
  if (!session.team) return {};
  session.team->expect_same(signature(session));
  const auto reason = session.team->connect_gpus(gpu_at(session.device));
  if (reason.empty()) return {};
  return {"what GPUs exchange goes over the processor, which takes longer: " + reason};
}

TrainingResult step_along(TrainingSession& session, const TrainingHooks& hooks) {
  auto& team = *session.team;
  TrainingEnd end;
  while (true) {
    session.trainer->share_state();
    end = session.trainer->run({.report = [](const StepReport&) { return Signal::go_on; },
                                .checkpoint = [] {},
                                .preview = [] {},
                                .roll_back = [] {},
                                .stop_requested = [&] { return hooks.stop_requested && hooks.stop_requested(); }});
    const auto changed = team.text("");
    if (changed.empty()) break;
    Config config = parse_config(changed, "rank 0's recipe", "");
    config.data = session.config.data;
    session.change(config);
  }
  return {end, {}, session.trainer->progress().step, session.trainer->progress().seconds, std::nullopt};
}

}  // namespace forger
