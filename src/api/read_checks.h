#pragma once

#include <vector>

#include "referee/check.h"
#include "run/run_folder.h"

namespace forger {

/// The checks of a run so far, oldest first. Throws Error naming file and line when a whole line is none.
std::vector<Check> read_checks(const RunFolder& run);

}  // namespace forger
