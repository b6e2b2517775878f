#pragma once

#include <string>

#include "forger/verdict.h"
#include "run/run_folder.h"

namespace forger {

/// A page about a run, complete in itself: the verdict, the timeline of verdicts, charts of checks and steps, sample
/// grids over time. Journals may be empty or torn.
std::string report_page(const RunFolder& run, const Verdict& verdict);

}  // namespace forger
