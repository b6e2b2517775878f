#pragma once

#include <string>
#include <vector>

#include "api/session.h"
#include "forger/training.h"

namespace forger {

/// Throws TeamError, everywhere, unless all processes are of one version and train one recipe on the same data; then
/// connects their GPUs. Returns what people should know of that, a line each.
std::vector<std::string> agree(const TrainingSession& session);

/// The part of a process that is not rank 0: it steps along, and changes what rank 0 changes. It touches no run folder.
TrainingResult step_along(TrainingSession& session, const TrainingHooks& hooks);

}  // namespace forger
