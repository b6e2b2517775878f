#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace forger {

/// `features` as a matrix `[N, d]` on the CPU, cut off from gradients, of the given floating dtype. Throws Error,
/// naming `what` (such as "real features"): no matrix, fewer than `least_rows` rows, no columns, NaN or infinity.
at::Tensor checked_matrix(const at::Tensor& features, const char* what, int64_t least_rows,
                          at::ScalarType type = at::kDouble);

/// The same for a list of scores, float64 `[N]`.
at::Tensor checked_scores(const at::Tensor& scores, const char* what, int64_t least = 1);

/// Throws Error unless both matrices have as many columns.
void check_same_width(const at::Tensor& first, const char* first_what, const at::Tensor& second,
                      const char* second_what);

/// Squared distances `[N, M]` between the rows of float64 matrices, through one matrix product. What lies below the
/// product's rounding is 0, so that equal rows are at distance 0.
at::Tensor squared_distances(const at::Tensor& first, const at::Tensor& second);

/// `count` rows chosen without repetition by the seed; all of them, in their order, when there are no more.
at::Tensor thinned(const at::Tensor& rows, int64_t count, uint64_t seed);

/// Rows worked on at once where a matrix of all pairs would not fit into memory.
constexpr int64_t kBlockRows = 1024;

}  // namespace forger
