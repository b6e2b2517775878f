#pragma once

#include <ATen/core/Tensor.h>

#include "forger/objective.h"
#include "forger/step_report.h"

namespace forger {

/// What a discriminator's logits `[N]` say, in numbers for the report.
LogitReport describe_answers(const Objective& objective, const at::Tensor& logits);

/// E sign of logits `[N]` around even odds, -1 (all held for fake) to 1 (all held for real); 0 where it guesses.
double mean_sign(const Objective& objective, const at::Tensor& logits);

}  // namespace forger
