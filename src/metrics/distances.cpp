#include "metrics/distances.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/fail.h"
#include "core/random.h"
#include "core/torch.h"
#include "metrics/checked.h"
#include "metrics/normal.h"

namespace forger {
namespace {

Moments moments_of(const at::Tensor& rows) {
  Moments result;
  result.count = rows.size(0);
  result.mean = rows.mean(0);
  const auto centered = rows - result.mean;
  result.covariance = at::mm(centered.t(), centered) / static_cast<double>(result.count - 1);
  return result;
}

Estimate around(double value, double variance) {
  const double half = kNormal95 * std::sqrt(std::max(variance, 0.0));
  return {value, value - half, value + half};
}

double variance_of(const at::Tensor& values) { return values.var().item<double>(); }

/// (x·y/d + 1)^3, float64.
at::Tensor kernel(const at::Tensor& first, const at::Tensor& second) {
  auto product = at::mm(first, second.t()).div_(static_cast<double>(first.size(1))).add_(1);
  return product * product.square();
}

/// Sums over a kernel matrix `[N, M]`, block by block; without its diagonal where both sides are one set.
struct KernelSums {
  at::Tensor rows;     // [N]
  at::Tensor columns;  // [M]
  double squares = 0;
  double pairs = 0;

  double mean() const { return rows.sum().item<double>() / pairs; }
  double terms_per_row() const { return pairs / static_cast<double>(rows.size(0)); }
  double terms_per_column() const { return pairs / static_cast<double>(columns.size(0)); }
  at::Tensor row_means() const { return rows / terms_per_row(); }
  at::Tensor column_means() const { return columns / terms_per_column(); }
  /// Variance of what is left of the kernel when its row and column means are taken away.
  double interaction() const {
    const double rows_square = row_means().square().mean().item<double>();
    const double columns_square = column_means().square().mean().item<double>();
    return std::max(0.0, squares / pairs - rows_square - columns_square + mean() * mean());
  }
};

KernelSums kernel_sums(const at::Tensor& first, const at::Tensor& second, bool same_set) {
  const int64_t count = first.size(0);
  KernelSums sums;
  sums.rows = at::zeros({count}, at::kDouble);
  sums.columns = at::zeros({second.size(0)}, at::kDouble);
  sums.pairs = static_cast<double>(count) * static_cast<double>(second.size(0) - (same_set ? 1 : 0));
  for (int64_t start = 0; start < count; start += kBlockRows) {
    const int64_t size = std::min(kBlockRows, count - start);
    auto block = kernel(first.narrow(0, start, size), second);
    if (same_set) block.diagonal(start).narrow(0, 0, size).zero_();
    sums.rows.narrow(0, start, size).copy_(block.sum(1));
    sums.columns.add_(block.sum(0));
    sums.squares += block.square_().sum().item<double>();
  }
  return sums;
}

double unbiased_mmd2(const at::Tensor& first, const at::Tensor& second) {
  return kernel_sums(first, first, true).mean() + kernel_sums(second, second, true).mean() -
         2 * kernel_sums(first, second, false).mean();
}

at::Tensor chosen_rows(const at::Tensor& rows, int64_t count, at::Generator& random) {
  return rows.index_select(0, at::randperm(rows.size(0), random, at::kLong).narrow(0, 0, count));
}

at::Tensor resampled(const at::Tensor& rows, at::Generator& random) {
  return rows.index_select(0, at::randint(rows.size(0), {rows.size(0)}, random, at::kLong));
}

}  // namespace

Moments moments(const at::Tensor& features) { return moments_of(checked_matrix(features, "features", 2)); }

double frechet_distance(const Moments& first, const Moments& second) {
  if (first.mean.size(0) != second.mean.size(0)) {
    fail("frechet distance: received moments of {} and {} features, accepted: of equally many", first.mean.size(0),
         second.mean.size(0));
  }
  const auto [values, vectors] = at::linalg_eigh(first.covariance);
  const auto root = at::mm(vectors * values.clamp_min(0).sqrt(), vectors.t());
  const auto product = at::mm(at::mm(root, second.covariance), root);
  const double trace_of_root =
      at::linalg_eigvalsh((product + product.t()) / 2).clamp_min(0).sqrt().sum().item<double>();
  const double distance = (first.mean - second.mean).square().sum().item<double>() +
                          first.covariance.trace().item<double>() + second.covariance.trace().item<double>() -
                          2 * trace_of_root;
  return std::max(distance, 0.0);
}

Estimate frechet_distance(const at::Tensor& first, const at::Tensor& second, int64_t resamples, uint64_t seed) {
  const auto a = checked_matrix(first, "first features", 2), b = checked_matrix(second, "second features", 2);
  check_same_width(a, "first features", b, "second features");
  const double value = frechet_distance(moments_of(a), moments_of(b));
  if (resamples < 2) return {value, value, value};
  // Repeated images raise the distance of a resample, so its spread is taken and not its place.
  auto random = make_random(seed);
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < resamples; ++i) {
    const double off = frechet_distance(moments_of(resampled(a, random)), moments_of(resampled(b, random))) - value;
    sum += off;
    squares += off * off;
  }
  const auto count = static_cast<double>(resamples);
  auto estimate = around(value, (squares - sum * sum / count) / (count - 1));
  estimate.low = std::max(estimate.low, 0.0);
  return estimate;
}

Estimate kernel_distance(const at::Tensor& first, const at::Tensor& second, int64_t subsets, int64_t subset_size,
                         uint64_t seed) {
  const auto a = checked_matrix(first, "first features", 2), b = checked_matrix(second, "second features", 2);
  check_same_width(a, "first features", b, "second features");
  if (subsets < 1 || subset_size < 2) {
    fail("kernel distance: received {} subsets of {} images, accepted: 1 or more of 2 or more", subsets, subset_size);
  }
  const int64_t size = std::min({subset_size, a.size(0), b.size(0)});
  auto random = make_random(seed);
  std::vector<double> values;
  for (int64_t i = 0; i < subsets; ++i) {
    values.push_back(unbiased_mmd2(chosen_rows(a, size, random), chosen_rows(b, size, random)));
  }
  const auto all = at::tensor(values, at::kDouble);
  return around(all.mean().item<double>(), subsets > 1 ? variance_of(all) : 0);
}

Estimate kernel_distance(const at::Tensor& first, const at::Tensor& second) {
  const auto a = checked_matrix(first, "first features", 2), b = checked_matrix(second, "second features", 2);
  check_same_width(a, "first features", b, "second features");
  const auto aa = kernel_sums(a, a, true), bb = kernel_sums(b, b, true), ab = kernel_sums(a, b, false);
  const double value = aa.mean() + bb.mean() - 2 * ab.mean();
  // Variance of a two-sample U-statistic. Each image's own mean carries the noise of the interaction terms twice, of
  // which the statistic has half (Gretton et al. 2012; Sutherland 2019, arXiv 1906.02104).
  const auto n = static_cast<double>(a.size(0)), m = static_cast<double>(b.size(0));
  const double linear =
      4 * variance_of(aa.row_means() - ab.row_means()) / n + 4 * variance_of(bb.row_means() - ab.column_means()) / m;
  const double interaction =
      2 * aa.interaction() / (n * n) + 2 * bb.interaction() / (m * m) + 4 * ab.interaction() / (n * m);
  return around(value, std::max(linear - interaction, interaction / 2));
}

double relative_similarity_p(const at::Tensor& reference, const at::Tensor& before, const at::Tensor& after) {
  const auto x = checked_matrix(reference, "reference features", 3), y = checked_matrix(before, "features before", 3),
             z = checked_matrix(after, "features after", 3);
  check_same_width(x, "reference features", y, "features before");
  check_same_width(x, "reference features", z, "features after");
  const int64_t count = x.size(0);
  if (y.size(0) != count || z.size(0) != count) {
    fail("relative similarity: received {}, {} and {} images, accepted: equally many", count, y.size(0), z.size(0));
  }
  // One U-statistic over triplets, so that a before and an after drawn from the same latents may depend on each other;
  // what compares the reference with itself falls out of the difference.
  const auto cross = kernel(x, z) - kernel(x, y);
  auto terms = kernel(y, y) - kernel(z, z) + cross + cross.t();
  terms.fill_diagonal_(0);
  const auto n = static_cast<double>(count);
  const auto row_means = terms.sum(1) / (n - 1);
  const double difference = row_means.mean().item<double>();
  auto rest = (terms - row_means.unsqueeze(0) - row_means.unsqueeze(1)).add_(difference).fill_diagonal_(0);
  const double interaction = 2 * rest.square_().sum().item<double>() / (n * (n - 1) * n * n);
  const double variance = std::max(4 * variance_of(row_means) / n - interaction, interaction / 2);
  if (variance <= 0) return difference > 0 ? 0 : difference < 0 ? 1 : 0.5;
  return 0.5 * std::erfc(difference / std::sqrt(2 * variance));
}

}  // namespace forger
