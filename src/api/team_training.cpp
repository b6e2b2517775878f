#include "api/team_training.h"

#include <vector>

#include "build_constants.h"
#include "config/parse.h"
#include "core/team.h"
#include "core/text.h"

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

/// The first line in which two texts differ.
std::pair<std::string, std::string> difference(const std::string& one, const std::string& other) {
  const auto lines = split(one, '\n'), others = split(other, '\n');
  for (size_t i = 0; i < std::max(lines.size(), others.size()); ++i) {
    const auto line = i < lines.size() ? lines[i] : "", its = i < others.size() ? others[i] : "";
    if (line != its) return {std::string(line), std::string(its)};
  }
  return {};
}

}  // namespace

TrainingResult in_team(Team* team, const std::function<TrainingResult()>& part) {
  if (team == nullptr) return part();
  try {
    return part();
  } catch (const TeamError&) {
    throw;  // the others find the one that is gone by themselves, and are not to take this one for it
  } catch (const std::exception& error) {
    team->leave(error.what());
    if (team->rank() == 0) throw;
    throw TeamError(error.what(), /*is_told=*/true);
  }
}

void expect_same(const TrainingSession& session) {
  if (!session.team) return;
  const auto all = session.team->texts(signature(session));
  for (size_t rank = 1; rank < all.size(); ++rank) {
    if (all[rank] == all[0]) continue;
    const auto [first, its] = difference(all[0], all[rank]);
    throw TeamError(fmt::format("rank {}: received {}, accepted: {}, as rank 0 has it", rank, its, first),
                    session.team->rank() != 0);
  }
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
