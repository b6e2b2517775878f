#pragma once

#include <ATen/core/Tensor.h>

namespace forger {

/// How differently two samples `[N, d]` and `[M, d]` of float32 vectors are distributed: their squared maximum mean
/// discrepancy, without bias (around 0, also below, for equal distributions). Its kernel is the Wasserstein
/// autoencoder's (Tolstikhin et al. 2018, arXiv 1711.01558), a sum of C / (C + |x - y|^2) with C from a tenth to ten
/// times 2 d, the squared distance between two vectors of N(0, 1), and, because with many numbers that one hardly sees
/// covariances, (x.y + (x.y)^2) / d, which compares means and second moments. Differentiable. Needs N, M > 1.
at::Tensor mismatch(const at::Tensor& first, const at::Tensor& second);

}  // namespace forger
