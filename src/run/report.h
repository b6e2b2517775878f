#pragma once

#include <string>

#include "forger/verdict.h"
#include "run/run_folder.h"

namespace forger {

/// A page about a run, complete in itself: the verdict, the timeline of verdicts, charts of checks and steps, sample
/// grids over time. Journals may be empty or torn.
/// In `language`, "en" or "ja"; sentences of the timeline are the journal's, and only in English.
std::string report_page(const RunFolder& run, const Verdict& verdict, const std::string& language);

}  // namespace forger
