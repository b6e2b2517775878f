#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace forger {

/// Quality and diversity from k-nearest-neighbour balls around features `[N, d]`.
struct NeighbourMeasures {
  double precision = 0;  ///< share of fakes inside a real's ball (Kynkäänniemi et al. 2019, arXiv 1904.06991)
  double recall = 0;     ///< share of reals inside a fake's ball
  double density = 0;    ///< real balls that a fake lies in, over k; 1 for equal distributions (Naeem et al. 2020,
                         ///< arXiv 2002.09797)
  double coverage = 0;   ///< share of reals whose ball holds a fake
};
/// The edge of a ball belongs to it. A ball needs k other rows: NaN for what rests on balls of a side that has k rows
/// or fewer (precision, density and coverage: the reals; recall: the fakes). Throws Error when a side has no rows.
NeighbourMeasures neighbour_measures(const at::Tensor& real, const at::Tensor& fake, int64_t k = 5);

/// E[coverage] for equal distributions with N reals and M fakes: 1 - prod_{i=1}^{k} (N-i)/(M+N-i) (appendix of
/// arXiv 2002.09797).
double expected_coverage(int64_t reals, int64_t fakes, int64_t k = 5);

/// For each of N rows its nearest row among others: which, int64 `[N]`, and how far, float64 `[N]`; of a copy exactly
/// 0.
struct Nearest {
  at::Tensor places, distances;
};
/// Of the rows of `images` `[N, d]` among those of `training`.
Nearest nearest_rows(const at::Tensor& training, const at::Tensor& images);
/// The distances alone.
at::Tensor nearest_distances(const at::Tensor& training, const at::Tensor& images);
/// Nearer than this to a training image, an image is as good as equal to it: a tenth of what is usual for unseen reals.
double repeat_distance(const at::Tensor& unseen_distances);

/// Mann–Whitney z of the distance to the nearest training image, fakes against unseen reals: far below zero when fakes
/// lie nearer to the training images than unseen reals do, that is, copy them (Meehan et al. 2020, arXiv 2004.05675).
/// Both as `nearest_distances` gives them.
double copying_z(const at::Tensor& unseen_distances, const at::Tensor& fake_distances);

/// Share of fakes that are farther from their nearest training image than that image is from its own nearest neighbour
/// (authenticity, Alaa et al. 2022, arXiv 2102.08921). About 0.5 for fresh draws, near 0 for copies.
double authenticity(const at::Tensor& training, const at::Tensor& fake);

/// Share of all fakes that repeat a training image, from those that repeat one of the `known` ones, which are so large
/// a `known_share` of the training images: nearer to it than `repeat_distance`, more of the fakes than of unseen reals,
/// the lower end of a 95 % interval; 0 to 1. Distances as `nearest_distances` gives them.
double repeated_share(const at::Tensor& unseen_distances, const at::Tensor& fake_distances, double known_share);

}  // namespace forger
