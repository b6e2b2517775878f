#pragma once

#include "api/session.h"
#include "data/open.h"
#include "run/run_folder.h"

namespace forger {

/// Of a checkpoint that does not fit a session's networks: throws Error, in words of the run's keys, where a key that
/// shapes networks differs from `saved`, the run's configuration, or where the data has another number of classes.
void explain_misfit(const RunFolder& run, const Config& saved, const TrainingSession& session);

/// Throws Error unless the data has as many classes as the run's class-conditional networks know.
void expect_classes(const RunFolder& run, const OpenedData& data);

}  // namespace forger
