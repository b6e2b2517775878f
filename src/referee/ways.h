#pragma once

#include <string>
#include <vector>

#include "referee/detectors.h"
#include "referee/verdict.h"

namespace forger {

/// Whether a configuration's game goes both ways.
bool goes_both_ways(const Config& config);
/// The name of its first way or of the way back: "a2b" or "b2a".
std::string way_name(const Config& config, bool back);
/// Whether a verdict's way, or nothing, is that back.
bool is_way_back(const Config& config, const std::string& way);

/// The verdict after the last of `checks`. Where they are of both ways, each is judged by itself, and the one that is
/// in the worse state leads.
Verdict judge_ways(const std::vector<Check>& checks, const Situation& situation, const Config& config,
                   const Texts& texts);

/// A verdict that was said after the last of `checks`, in the words of `texts`: its state stands, whatever would be
/// said today.
Verdict say_again(const Verdict& said, const std::vector<Check>& checks, const Config& config, const Texts& texts);

}  // namespace forger
