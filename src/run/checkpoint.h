#pragma once

#include <optional>

#include "run/run_folder.h"
#include "training/trainer.h"

namespace forger {

/// Writes a checkpoint of `state` and points `latest` at it; of the older ones, the newest `keep` - 1 stay, and those
/// that `best` and `healthy` name. A crash at any moment leaves the former checkpoint or the new one, whole.
void write_checkpoint(const RunFolder& run, const TrainingState& state, int64_t keep);

/// Points one of the run folder's pointer files at the checkpoint of `step`, which exists.
void point_at_checkpoint(const RunFolder& run, const std::filesystem::path& pointer, int64_t step);

/// The newest checkpoint, or nothing when there is none yet. Throws Error when it cannot be read.
std::optional<TrainingState> read_latest_checkpoint(const RunFolder& run);
/// The checkpoint that a pointer file names, or nothing when there is no such pointer.
std::optional<TrainingState> read_checkpoint(const RunFolder& run, const std::filesystem::path& pointer);

/// Adds the checkpoint of `step`, which exists, to those of a healthy game; the last four of them stay.
void add_healthy_checkpoint(const RunFolder& run, int64_t step);
/// The newest one of a healthy game from before `before_step`, or nothing when there is none.
std::optional<TrainingState> read_healthy_checkpoint(const RunFolder& run, int64_t before_step);

}  // namespace forger
