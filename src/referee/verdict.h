#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "forger/config.h"
#include "forger/judge.h"
#include "forger/verdict.h"
#include "referee/detectors.h"
#include "referee/texts.h"

namespace forger {

/// A check that takes longer is no hitch that nobody sees: people are told.
inline constexpr double kLongCheckSeconds = 2;

/// Puts findings into words: `findings` of `checks`, the last of which gives the numbers.
Verdict make_verdict(const std::vector<Finding>& findings, const std::vector<Check>& checks, const Config& config,
                     const Limits& limits, const Texts& texts);

/// "diverged" for a training whose steps were not finite, from `since_step` on.
Verdict diverged_verdict(int64_t step, int64_t since_step, const Config& config, const Texts& texts);

/// A remedy as in verdicts.jsonl, and back.
nlohmann::ordered_json to_json(const Remedy& remedy);
Remedy remedy_from_json(const nlohmann::ordered_json& json);

/// The verdict of a line of verdicts.jsonl; none when it is no such line.
std::optional<Verdict> verdict_in(const std::string& line);

/// The state that `name` names. Throws Error on another word.
State state_from_name(const std::string& name);

}  // namespace forger
