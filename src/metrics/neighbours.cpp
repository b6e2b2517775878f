#include "metrics/neighbours.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include "core/fail.h"
#include "core/torch.h"
#include "metrics/checked.h"
#include "metrics/two_sample.h"

namespace forger {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Calls `work(start, distances)` with squared distances of each block of rows of `first` to all of `second`.
template <class Work>
void for_blocks(const at::Tensor& first, const at::Tensor& second, const Work& work) {
  for (int64_t start = 0; start < first.size(0); start += kBlockRows) {
    const int64_t size = std::min(kBlockRows, first.size(0) - start);
    work(start, squared_distances(first.narrow(0, start, size), second));
  }
}

/// Squared distance of each row to its k-th nearest other row; a little more, so that a point on the edge of a ball
/// lies in it whatever the rounding.
at::Tensor squared_radii(const at::Tensor& rows, int64_t k) {
  constexpr double kEdge = 1 + 1e-9;
  auto radii = at::empty({rows.size(0)}, at::kDouble);
  for_blocks(rows, rows, [&](int64_t start, at::Tensor distances) {
    distances.diagonal(start).narrow(0, 0, distances.size(0)).zero_();
    radii.narrow(0, start, distances.size(0)).copy_(std::get<0>(at::kthvalue(distances, k + 1, 1)));
  });
  return radii.mul_(kEdge);
}

/// For each row of `images` its nearest row of `training`: place and distance. Candidates are found in float32, their
/// distance is exact, so that a copy is at distance 0.
Nearest nearest(const at::Tensor& training, const at::Tensor& images) {
  const auto center = training.mean(0);
  const auto near = (training - center).to(at::kFloat), rows = (images - center).to(at::kFloat);
  const auto near_squares = near.square().sum(1).unsqueeze(0);
  auto places = at::empty({images.size(0)}, at::kLong);
  for (int64_t start = 0; start < images.size(0); start += kBlockRows) {
    const int64_t size = std::min(kBlockRows, images.size(0) - start);
    const auto block = rows.narrow(0, start, size);
    auto best = at::full({size}, std::numeric_limits<float>::infinity(), at::kFloat);
    auto place = places.narrow(0, start, size);
    constexpr int64_t kColumns = 16 * kBlockRows;
    for (int64_t first = 0; first < training.size(0); first += kColumns) {
      const int64_t columns = std::min(kColumns, training.size(0) - first);
      const auto [value, index] =
          at::addmm(near_squares.narrow(1, first, columns), block, near.narrow(0, first, columns).t(), 1, -2).min(1);
      const auto better = value < best;
      best.copy_(at::where(better, value, best));
      place.copy_(at::where(better, index + first, place));
    }
  }
  return {places, (training.index_select(0, places) - images).norm(2, 1)};
}

}  // namespace

NeighbourMeasures neighbour_measures(const at::Tensor& real, const at::Tensor& fake, int64_t k) {
  if (k < 1) fail("neighbour measures: received k = {}, accepted: 1 or more", k);
  auto a = checked_matrix(real, "real features", 1), b = checked_matrix(fake, "fake features", 1);
  check_same_width(a, "real features", b, "fake features");
  const auto center = a.mean(0);  // nearer to the origin, distances lose fewer digits
  a = a - center;
  b = b - center;
  const bool real_balls = a.size(0) > k, fake_balls = b.size(0) > k;
  const auto no_balls = [](const at::Tensor& rows) { return at::full({rows.size(0)}, -1, at::kDouble); };
  const auto real_radii = real_balls ? squared_radii(a, k) : no_balls(a);
  const auto fake_radii = (fake_balls ? squared_radii(b, k) : no_balls(b)).unsqueeze(1);
  double inside = 0, balls = 0;
  auto recalled = at::zeros({a.size(0)}, at::kBool), covered = at::zeros({a.size(0)}, at::kBool);
  for_blocks(b, a, [&](int64_t start, const at::Tensor& distances) {
    const auto in_real = distances <= real_radii;
    inside += in_real.any(1).sum().item<double>();
    balls += in_real.sum().item<double>();
    covered.logical_or_(in_real.any(0));
    recalled.logical_or_((distances <= fake_radii.narrow(0, start, distances.size(0))).any(0));
  });
  const auto reals = static_cast<double>(a.size(0)), fakes = static_cast<double>(b.size(0));
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  NeighbourMeasures found{kNone, kNone, kNone, kNone};
  if (fake_balls) found.recall = recalled.sum().item<double>() / reals;
  if (!real_balls) return found;
  found.precision = inside / fakes;
  found.density = balls / (static_cast<double>(k) * fakes);
  found.coverage = covered.sum().item<double>() / reals;
  return found;
}

double expected_coverage(int64_t reals, int64_t fakes, int64_t k) {
  if (k < 1 || reals <= k || fakes < 1) {
    fail("expected coverage: received {} reals, {} fakes and k = {}, accepted: more reals than k, 1 fake, k 1 or more",
         reals, fakes, k);
  }
  double missed = 1;
  for (int64_t i = 1; i <= k; ++i) {
    missed *= static_cast<double>(reals - i) / static_cast<double>(fakes + reals - i);
  }
  return 1 - missed;
}

Nearest nearest_rows(const at::Tensor& training, const at::Tensor& images) {
  const auto seen = checked_matrix(training, "training features", 1), rows = checked_matrix(images, "features", 1);
  check_same_width(seen, "training features", rows, "features");
  return nearest(seen, rows);
}

at::Tensor nearest_distances(const at::Tensor& training, const at::Tensor& images) {
  return nearest_rows(training, images).distances;
}

double repeat_distance(const at::Tensor& unseen_distances) {
  constexpr double kAsGoodAsEqual = 0.1;
  return kAsGoodAsEqual * unseen_distances.median().item<double>();
}

double copying_z(const at::Tensor& unseen_distances, const at::Tensor& fake_distances) {
  return rank_test(fake_distances, unseen_distances).z;
}

double repeated_share(const at::Tensor& unseen_distances, const at::Tensor& fake_distances, double known_share) {
  constexpr double kFewest = 5, kNormalOneSided05 = 1.6448536269514722;
  const double near = repeat_distance(unseen_distances);
  const auto usual = (unseen_distances < near).to(at::kDouble).mean().item<double>();
  const auto found = (fake_distances < near).sum().item<double>();
  if (found < kFewest) return 0;
  const double surely = (found - kNormalOneSided05 * std::sqrt(found)) / static_cast<double>(fake_distances.numel());
  return std::clamp((surely - usual) / known_share, 0.0, 1.0);
}

double authenticity(const at::Tensor& training, const at::Tensor& fake) {
  const auto seen = checked_matrix(training, "training features", 2), fakes = checked_matrix(fake, "fake features", 1);
  check_same_width(seen, "training features", fakes, "fake features");
  const auto [places, distances] = nearest(seen, fakes);
  const auto unique = at::_unique(places, /*sorted=*/true, /*return_inverse=*/true);
  const at::Tensor &owners = std::get<0>(unique), &owner_of = std::get<1>(unique);
  // Distance of each of these training images to its own nearest neighbour.
  const auto center = seen.mean(0);
  const auto rows = seen - center;
  auto own = at::empty({owners.size(0)}, at::kDouble);
  for_blocks(rows.index_select(0, owners), rows, [&](int64_t start, at::Tensor squares) {
    const int64_t size = squares.size(0);
    squares.scatter_(1, owners.narrow(0, start, size).unsqueeze(1), kInfinity);
    own.narrow(0, start, size).copy_(std::get<0>(squares.min(1)).sqrt());
  });
  return (distances > own.index_select(0, owner_of)).to(at::kDouble).mean().item<double>();
}

}  // namespace forger
