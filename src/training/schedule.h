#pragma once

#include "forger/config.h"

namespace forger {

/// The share of the training's budget (steps, images or minutes, whichever ends first) that is used up, from 0; 1 and
/// more: nothing is left.
double budget_used(const TrainingOptions& options, int64_t step, int64_t images, double seconds);

/// What the learning rates are multiplied by in step `step` (from 1): linear growth over `warmup_steps`, then
/// "constant", "linear" or "cosine" (Loshchilov & Hutter 2017, arXiv 1608.03983) down to `final_rate`. The way down
/// follows `schedule_steps`, or, when that is 0, `budget_used` (0 to 1, the share of the training's budget used up).
double rate_factor(const TrainingOptions& options, int64_t step, double budget_used);

}  // namespace forger
