#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace forger {

/// Effective number of different items among features `[N, d]`: exp of the entropy of the eigenvalues of K/N, with the
/// Gaussian kernel of bandwidth `bandwidth` (Friedman & Dieng 2023, arXiv 2210.02410). 1 (all equal) to N.
double vendi_score(const at::Tensor& features, double bandwidth);

/// Median distance between rows, a bandwidth for `vendi_score` taken from real images.
double median_distance(const at::Tensor& features);

/// Number of statistically different bins (Richardson & Weiss 2018, arXiv 1805.12462): k-means cells of the training
/// images, filled by other sets.
class Bins {
 public:
  /// `training` `[N, d]`: k-means (k-means++ start) into `count` cells; fewer where there are fewer
  /// different rows. Throws Error on more cells than rows.
  Bins(const at::Tensor& training, int64_t count, uint64_t seed);

  int64_t count() const { return centers_.size(0); }
  /// Cell of each row, int64 `[N]`.
  at::Tensor assign(const at::Tensor& features) const;
  /// Images in each cell.
  std::vector<int64_t> histogram(const at::Tensor& features) const;

 private:
  at::Tensor centers_;
};

/// What two histograms over the same bins say.
struct BinDifference {
  double different = 0;          ///< share of bins whose proportions differ (two-proportion z-test, alpha 0.05)
  std::vector<int64_t> starved;  ///< bins that the second set fills significantly less (z-test, alpha 0.001) and to
                                 ///< under a quarter of their share, the emptiest first
  double jensen_shannon = 0;     ///< divergence between the histograms, nats
};
BinDifference compare_bins(const std::vector<int64_t>& real, const std::vector<int64_t>& fake);

}  // namespace forger
