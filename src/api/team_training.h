#pragma once

#include <functional>
#include <string>

#include "api/session.h"
#include "forger/training.h"

namespace forger {

/// Runs a process's part in a training. What goes wrong in it is told to the team: rank 0's own errors are for its
/// caller to say, and those of others rank 0's.
TrainingResult in_team(Team* team, const std::function<TrainingResult()>& part);

/// Throws TeamError, everywhere, unless all processes are of one version and train one recipe on the same data.
void expect_same(const TrainingSession& session);

/// The part of a process that is not rank 0: it steps along, and changes what rank 0 changes. It touches no run folder.
TrainingResult step_along(TrainingSession& session, const TrainingHooks& hooks);

}  // namespace forger
