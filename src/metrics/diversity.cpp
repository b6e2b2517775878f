#include "metrics/diversity.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/fail.h"
#include "core/random.h"
#include "core/torch.h"
#include "metrics/checked.h"

namespace forger {
namespace {

/// Squared distances of all pairs of rows, centred first so that they lose fewer digits.
at::Tensor own_distances(const at::Tensor& rows) {
  const auto centered = rows - rows.mean(0);
  return squared_distances(centered, centered);
}

/// One-sided and two-sided limits of the normal distribution.
constexpr double kNormalTwoSided05 = 1.959963984540054, kNormalOneSided001 = 3.090232306167813;

}  // namespace

double vendi_score(const at::Tensor& features, double bandwidth) {
  const auto rows = checked_matrix(features, "features", 1);
  if (!(bandwidth > 0) || !std::isfinite(bandwidth)) {
    fail("vendi score: received bandwidth {}, accepted: a number above 0, such as the reals' median distance",
         bandwidth);
  }
  const auto kernel = own_distances(rows).mul_(-0.5 / (bandwidth * bandwidth)).exp_();
  const auto shares = at::linalg_eigvalsh(kernel / static_cast<double>(rows.size(0))).clamp_min_(0);
  return std::exp(-at::xlogy(shares, shares).sum().item<double>());
}

double median_distance(const at::Tensor& features) {
  constexpr int64_t kMostRows = 2000;
  auto rows = checked_matrix(features, "features", 2);
  rows = thinned(rows, kMostRows, 0);
  const int64_t count = rows.size(0);
  // Every pair stands twice beside the zeros of the diagonal, which are the smallest values.
  const auto all = own_distances(rows).fill_diagonal_(0).flatten();
  const int64_t off_diagonal = count * (count - 1);
  return std::sqrt(std::get<0>(at::kthvalue(all, count + (off_diagonal + 1) / 2)).item<double>());
}

Bins::Bins(const at::Tensor& training, int64_t count, uint64_t seed) {
  constexpr int64_t kMostRounds = 30;
  const auto rows = checked_matrix(training, "training features", 2, at::kFloat);
  if (count < 1 || count > rows.size(0)) {
    fail("bins: received {} bins for {} training images, accepted: 1 to as many as images", count, rows.size(0));
  }
  auto random = make_random(seed);
  const auto center = rows.mean(0);
  const auto points = rows - center;
  const auto norms = points.square().sum(1);
  const auto distances_to = [&](const at::Tensor& point) {
    return (norms + point.square().sum() - at::mv(points, point) * 2).clamp_min_(0);
  };
  // k-means++: each next centre is a row, drawn in proportion to its squared distance from the centres so far. When
  // all rows lie on centres there are fewer different rows than bins.
  auto place = at::randint(rows.size(0), {1}, random, at::kLong);
  auto nearest = distances_to(points[place.item<int64_t>()]);
  const auto rounding = norms * 1e-6;
  while (place.size(0) < count) {
    const auto weights = at::where(nearest > rounding, nearest, at::zeros_like(nearest)).to(at::kDouble).cumsum(0);
    const double total = weights[-1].item<double>();
    if (total <= 0) break;
    const auto drawn = at::searchsorted(weights, at::rand({1}, random, at::kDouble) * total, false, /*right=*/true)
                           .clamp_max_(rows.size(0) - 1);
    place = at::cat({place, drawn});
    nearest = at::minimum(nearest, distances_to(points[drawn.item<int64_t>()]));
  }
  centers_ = rows.index_select(0, place);
  auto cells = assign(rows);
  for (int64_t round = 0; round < kMostRounds; ++round) {
    const auto member = at::one_hot(cells, centers_.size(0)).to(at::kFloat);
    const auto sizes = member.sum(0).unsqueeze(1);
    centers_ = at::where(sizes > 0, at::mm(member.t(), points) / sizes.clamp_min(1) + center, centers_);
    auto moved = assign(rows);
    if (moved.equal(cells)) break;
    cells = std::move(moved);
  }
}

at::Tensor Bins::assign(const at::Tensor& features) const {
  const auto rows = checked_matrix(features, "features", 0, at::kFloat);
  check_same_width(centers_, "bins", rows, "features");
  const auto origin = centers_.mean(0);
  const auto centers = centers_ - origin;
  return at::addmm(centers.square().sum(1).unsqueeze(0), rows - origin, centers.t(), 1, -2).argmin(1);
}

std::vector<int64_t> Bins::histogram(const at::Tensor& features) const {
  const auto counts = at::bincount(assign(features), {}, count());
  return {counts.const_data_ptr<int64_t>(), counts.const_data_ptr<int64_t>() + count()};
}

BinDifference compare_bins(const std::vector<int64_t>& real, const std::vector<int64_t>& fake) {
  constexpr double kStarvedShare = 0.25;
  const auto reals = static_cast<double>(std::accumulate(real.begin(), real.end(), int64_t{0}));
  const auto fakes = static_cast<double>(std::accumulate(fake.begin(), fake.end(), int64_t{0}));
  if (real.empty() || real.size() != fake.size() || reals <= 0 || fakes <= 0) {
    fail(
        "compare bins: received histograms of {} and {} bins with {} and {} images, accepted: equally many bins, each "
        "with an image or more",
        real.size(), fake.size(), reals, fakes);
  }
  BinDifference result;
  const auto entropy_part = [](double p, double mean) { return p > 0 ? 0.5 * p * std::log(p / mean) : 0.0; };
  for (size_t i = 0; i < real.size(); ++i) {
    const double p = static_cast<double>(real[i]) / reals, q = static_cast<double>(fake[i]) / fakes;
    const double pooled = (p * reals + q * fakes) / (reals + fakes);
    const double error = std::sqrt(pooled * (1 - pooled) * (1 / reals + 1 / fakes));
    const double z = error > 0 ? (p - q) / error : 0;
    result.different += std::abs(z) > kNormalTwoSided05;
    if (z > kNormalOneSided001 && q < kStarvedShare * p) result.starved.push_back(static_cast<int64_t>(i));
    result.jensen_shannon += entropy_part(p, (p + q) / 2) + entropy_part(q, (p + q) / 2);
  }
  result.different /= static_cast<double>(real.size());
  const auto filled = [&](int64_t bin) {
    return static_cast<double>(fake[static_cast<size_t>(bin)]) / static_cast<double>(real[static_cast<size_t>(bin)]);
  };
  std::stable_sort(result.starved.begin(), result.starved.end(),
                   [&](int64_t a, int64_t b) { return filled(a) < filled(b); });
  return result;
}

}  // namespace forger
