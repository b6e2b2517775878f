#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "core/team.h"
#include "forger/model.h"

namespace forger {

/// Samples that a process draws together, so that a sample has the same bytes whoever draws it.
int64_t samples_at_once(const ModelInfo& info);

/// What Model::sample gives for `count` from 0 on, drawn by all processes of a team, which all call this: rank 0 gets
/// all, the others an undefined tensor. Null: this process draws alone.
at::Tensor sample_in_team(const Model& model, int64_t count, const SampleOptions& options, Team* team);

}  // namespace forger
