#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace forger {

/// A number with its 95 % interval.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};

/// Mean and covariance (divided by N - 1) in float64.
struct Moments {
  at::Tensor mean;        ///< `[d]`
  at::Tensor covariance;  ///< `[d, d]`
  int64_t count = 0;
};
Moments moments(const at::Tensor& features);

/// Fréchet distance between two Gaussians (Heusel et al. 2017, arXiv 1706.08500), through the symmetric form, whose
/// eigenvalues are real and not negative. Its expectation on finite samples is above zero also for equal distributions.
double frechet_distance(const Moments& first, const Moments& second);

/// Fréchet distance of features `[N, d]` and `[M, d]` with a bootstrap interval over the images of both sides
/// (value ± 1.96 standard deviations of so many resamples; below 2: no interval, low = high = value).
Estimate frechet_distance(const at::Tensor& first, const at::Tensor& second, int64_t resamples, uint64_t seed);

/// Squared maximum mean discrepancy with the kernel (x·y/d + 1)^3, unbiased: around zero for equal distributions
/// (KID, Bińkowski et al. 2018, arXiv 1801.01401). The mean over `subsets` draws of `subset_size` images (at most as
/// many as there are) from each side, in float64; `low` and `high` are ± 1.96 standard deviations of the draws, the
/// spread that other tools report with it.
Estimate kernel_distance(const at::Tensor& first, const at::Tensor& second, int64_t subsets, int64_t subset_size,
                         uint64_t seed);

/// The same over all pairs at once, with the asymptotic standard error in `low` and `high` (value ± 1.96 errors).
Estimate kernel_distance(const at::Tensor& first, const at::Tensor& second);

/// Test of relative similarity (Bounliphone et al. 2016, arXiv 1511.04581): p-value of "`before` is at most as far from
/// `reference` as `after` is". Small: `after` is nearer than `before`, an improvement. The three have equal N.
double relative_similarity_p(const at::Tensor& reference, const at::Tensor& before, const at::Tensor& after);

/// Side of the patches that `sliced_wasserstein` compares, in pixels: smaller images have none.
inline constexpr int64_t kSwdPatchSide = 7;

/// Sliced Wasserstein distance between images `[N, C, H, W]` and `[M, C, H, W]`: 7×7 patches of a Laplacian pyramid,
/// 128 a level and image, 512 directions, mean over the levels, ×1000 (Karras et al. 2018, arXiv 1710.10196). Patches
/// of both sides are standardised with the first (real) set's statistics, so a shift of brightness or contrast counts.
double sliced_wasserstein(const at::Tensor& real, const at::Tensor& fake, uint64_t seed);

}  // namespace forger
