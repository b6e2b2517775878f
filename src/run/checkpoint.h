#pragma once

#include <optional>

#include "run/run_folder.h"
#include "training/trainer.h"

namespace forger {

/// Writes a checkpoint of `state` and points `latest` at it; of the older ones, the newest `keep` - 1 stay. A crash at
/// any moment leaves the former checkpoint or the new one, whole.
void write_checkpoint(const RunFolder& run, const TrainingState& state, int64_t keep);

/// The newest checkpoint, or nothing when there is none yet. Throws Error when it cannot be read.
std::optional<TrainingState> read_latest_checkpoint(const RunFolder& run);

}  // namespace forger
