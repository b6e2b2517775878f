#pragma once

#include <ATen/core/Tensor.h>

namespace forger {

class Team;

/// Batch normalisation in training mode by the statistics of a team's whole batch: as at::batch_norm of all rows would
/// have it, for this process's rows. Running statistics follow. `weight` and `bias` may be undefined. Its gradients
/// have none of their own: a penalty on gradients throws Error.
at::Tensor team_batch_norm(Team& team, const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias,
                           const at::Tensor& running_mean, const at::Tensor& running_variance, double momentum,
                           double epsilon);

}  // namespace forger
