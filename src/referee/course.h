#pragma once

#include <cstdint>
#include <vector>

#include "referee/check.h"
#include "referee/detectors.h"

namespace forger {

using Checks = std::vector<Check>;

/// How far back a trend is looked for.
inline constexpr size_t kTrendChecks = 4;

/// Shared ones of two sets, over all of either: 1 where they are the same, or both empty.
double likeness(const std::vector<int64_t>& a, const std::vector<int64_t>& b);
/// More of the data is covered than four checks ago, beyond chance: the distance alone hardly sees small kinds come in.
/// Where little is covered, it is chance which images lie near a sample.
bool covers_more(const Checks& checks, size_t i, const Limits& limits);
/// How alike the kinds are that two checks drew. Of few kinds the few are compared: any two that leave out most of ten
/// leave out much the same.
double likeness_of_kinds(const Check& a, const Check& b);
/// The samples come to lie where the data is dense, in the course of six checks and beyond chance, though their
/// distance is too small to see it.
bool grows_denser(const Checks& checks, size_t i, const Limits& limits);
/// The check before check `i` in time; several looks at one moment tell nothing of its course. Null: there is none.
const Check* check_before(const Checks& checks, size_t i);
/// Mean movement of the last checks: who hops between few kinds draws the same twice now and then. One movement alone
/// may be the way to the data.
double recent_movement(const Checks& checks, size_t i);

}  // namespace forger
