#include "metrics/two_sample.h"

#include <algorithm>
#include <cmath>

#include "core/fail.h"
#include "core/torch.h"
#include "metrics/checked.h"
#include "metrics/normal.h"

namespace forger {
namespace {

/// How many of `sorted` are below each value, and how many are not above it; int64 of the values' shape.
at::Tensor below(const at::Tensor& sorted, const at::Tensor& values) { return at::searchsorted(sorted, values); }
at::Tensor up_to(const at::Tensor& sorted, const at::Tensor& values) {
  return at::searchsorted(sorted, values, /*out_int32=*/false, /*right=*/true);
}

/// Share of `others` that each value beats, ties as half.
at::Tensor placements(const at::Tensor& values, const at::Tensor& sorted_others) {
  return (below(sorted_others, values) + up_to(sorted_others, values)).to(at::kDouble) /
         (2.0 * static_cast<double>(sorted_others.size(0)));
}

at::Tensor sorted(const at::Tensor& values) { return std::get<0>(at::sort(values)); }

double mean_of(const at::Tensor& values) { return values.mean().item<double>(); }

}  // namespace

RankTest rank_test(const at::Tensor& a, const at::Tensor& b) {
  const auto first = sorted(checked_scores(a, "first scores", 2)),
             second = sorted(checked_scores(b, "second scores", 2));
  const auto n = static_cast<double>(first.size(0)), m = static_cast<double>(second.size(0)), all = n + m;
  const auto wins = placements(first, second), losses = placements(second, first);
  RankTest result;
  result.area = mean_of(wins);
  const double error = std::sqrt(wins.var().item<double>() / n + losses.var().item<double>() / m);
  result.low = std::max(0.0, result.area - kNormal90 * error);
  result.high = std::min(1.0, result.area + kNormal90 * error);
  const auto ties = std::get<2>(at::unique_consecutive(sorted(at::cat({first, second})), false, true)).to(at::kDouble);
  const double tied = (ties.pow(3) - ties).sum().item<double>() / (all * (all - 1));
  const double variance = n * m / 12 * (all + 1 - tied);
  result.z = variance > 0 ? (result.area - 0.5) * n * m / std::sqrt(variance) : 0;
  return result;
}

double kolmogorov_smirnov(const at::Tensor& a, const at::Tensor& b) {
  const auto first = sorted(checked_scores(a, "first scores")), second = sorted(checked_scores(b, "second scores"));
  const auto places = at::cat({first, second});
  const auto share = [&](const at::Tensor& scores) {
    return up_to(scores, places).to(at::kDouble) / static_cast<double>(scores.size(0));
  };
  return (share(first) - share(second)).abs().max().item<double>();
}

double kolmogorov_smirnov_limit(int64_t a, int64_t b) {
  if (a < 1 || b < 1) fail("kolmogorov-smirnov: received {} and {} scores, accepted: 1 or more each", a, b);
  const auto n = static_cast<double>(a), m = static_cast<double>(b);
  return 1.36 * std::sqrt((n + m) / (n * m));
}

Platt fit_platt(const at::Tensor& real_scores, const at::Tensor& fake_scores) {
  constexpr int kMostSteps = 50;
  constexpr double kEnough = 1e-10, kLeastStep = 1e-10;
  const auto real = checked_scores(real_scores, "real scores", 2), fake = checked_scores(fake_scores, "fake scores", 2);
  const auto n = static_cast<double>(real.size(0)), m = static_cast<double>(fake.size(0));
  const auto all = at::cat({real, fake});
  const double center = mean_of(all), spread = all.std().item<double>();
  if (!(spread > 1e-12 * std::abs(center))) return {};
  const auto scores = (all - center) / spread;
  // Targets a little inside (0, 1) keep the slope finite when a threshold separates both sets; weights make both count
  // alike.
  const auto one = at::ones_like(scores);
  const auto target = at::cat(
      {at::full({real.size(0)}, (n + 1) / (n + 2), at::kDouble), at::full({fake.size(0)}, 1 / (m + 2), at::kDouble)});
  const auto weight = at::cat({at::full({real.size(0)}, (n + m) / (2 * n), at::kDouble),
                               at::full({fake.size(0)}, (n + m) / (2 * m), at::kDouble)});
  const auto loss = [&](double slope, double offset) {
    const auto logit = scores * slope + offset;
    return (weight * (at::softplus(logit) - target * logit)).sum().item<double>();
  };
  struct Hessian {
    double slope, cross, offset;
    double determinant() const { return slope * offset - cross * cross; }
  };
  double slope = 0, offset = 0, present = loss(0, 0);
  Hessian hessian{};
  for (int step = 0; step < kMostSteps; ++step) {
    const auto probability = at::sigmoid(scores * slope + offset);
    const auto error = weight * (probability - target);
    const auto curve = weight * probability * (one - probability);
    const double by_slope = (error * scores).sum().item<double>(), by_offset = error.sum().item<double>();
    hessian = {(curve * scores.square()).sum().item<double>() + 1e-12, (curve * scores).sum().item<double>(),
               curve.sum().item<double>() + 1e-12};
    if (std::max(std::abs(by_slope), std::abs(by_offset)) < kEnough * (n + m)) break;
    const double toward_slope = (hessian.cross * by_offset - hessian.offset * by_slope) / hessian.determinant();
    const double toward_offset = (hessian.cross * by_slope - hessian.slope * by_offset) / hessian.determinant();
    const double descent = by_slope * toward_slope + by_offset * toward_offset;
    double length = 1, next = loss(slope + toward_slope, offset + toward_offset);
    while (next > present + 1e-4 * length * descent && length > kLeastStep) {
      length /= 2;
      next = loss(slope + length * toward_slope, offset + length * toward_offset);
    }
    if (length <= kLeastStep) break;
    slope += length * toward_slope;
    offset += length * toward_offset;
    present = next;
  }
  return {slope / spread, offset - slope * center / spread, std::sqrt(hessian.offset / hessian.determinant()) / spread};
}

at::Tensor platt_probability(const Platt& platt, const at::Tensor& scores) {
  return at::sigmoid(checked_scores(scores, "scores", 0) * platt.slope + platt.offset);
}

}  // namespace forger
