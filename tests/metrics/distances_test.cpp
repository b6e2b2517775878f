#include "metrics/distances.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"
#include "core/torch.h"
#include "forger/error.h"
#include "metrics/golden_features.h"
#include "metrics/normal_rows.h"
#include "support/golden_json.h"

namespace forger {
namespace {

const nlohmann::json& golden() {
  static const auto values = read_golden("metrics/golden/measures.json");
  return values;
}

void expect_relative(double value, double expected, double tolerance) {
  EXPECT_NEAR(value, expected, tolerance * std::abs(expected));
}

TEST(FrechetDistanceTest, EqualsTorchFidelity) {
  const auto fid = [](const at::Tensor& a, const at::Tensor& b) { return frechet_distance(a, b, 0, 1).value; };
  const auto real = golden_features(1, 120, 16), fake = golden_features(2, 100, 16, 1.2, 0.3);
  expect_relative(fid(real, fake), golden()["fid"]["shifted"], 1e-6);
  expect_relative(fid(real, golden_features(3, 120, 16)), golden()["fid"]["equal"], 1e-6);
  // Of singular covariances torch-fidelity takes the root less exactly.
  expect_relative(fid(golden_features(4, 20, 32), golden_features(5, 20, 32, 0.5)),
                  golden()["fid"]["fewer_than_columns"], 1e-4);
}

TEST(FrechetDistanceTest, OfDiagonalGaussiansIsTheClosedForm) {
  Moments first, second;
  first.mean = at::tensor({0.0, 1.0}, at::kDouble);
  first.covariance = at::diag(at::tensor({4.0, 9.0}, at::kDouble));
  second.mean = at::tensor({1.0, 1.0}, at::kDouble);
  second.covariance = at::diag(at::tensor({1.0, 0.0}, at::kDouble));
  EXPECT_NEAR(frechet_distance(first, second), 1 + (2 - 1) * (2 - 1) + 3 * 3, 1e-12);
  EXPECT_NEAR(frechet_distance(first, first), 0, 1e-12);
}

TEST(FrechetDistanceTest, IntervalHoldsTheValueAndShrinksWithTheImages) {
  const auto wide = frechet_distance(normal(100, 4, 1), normal(100, 4, 2) + 1, 40, 3);
  const auto narrow = frechet_distance(normal(1600, 4, 1), normal(1600, 4, 2) + 1, 40, 3);
  EXPECT_LT(wide.low, wide.value);
  EXPECT_GT(wide.high, wide.value);
  EXPECT_LT(narrow.high - narrow.low, 0.5 * (wide.high - wide.low));
}

TEST(KernelDistanceTest, EqualsTorchFidelity) {
  const auto real = golden_features(1, 120, 16), fake = golden_features(2, 100, 16, 1.2, 0.3);
  const auto few_real = golden_features(4, 20, 32), few_fake = golden_features(5, 20, 32, 0.5);
  const auto part = real.narrow(0, 0, 100);
  expect_relative(kernel_distance(part, fake).value, golden()["kid"]["shifted"], 1e-9);
  expect_relative(kernel_distance(part, fake, 1, 100, 1).value, golden()["kid"]["shifted"], 1e-9);
  expect_relative(kernel_distance(real, golden_features(3, 120, 16)).value, golden()["kid"]["equal"], 1e-7);
  expect_relative(kernel_distance(few_real, few_fake).value, golden()["kid"]["fewer_than_columns"], 1e-7);
}

TEST(KernelDistanceTest, SubsetsAgreeWithAllPairs) {
  const auto real = normal(400, 8, 1), fake = normal(400, 8, 2) + 0.4;
  const auto all = kernel_distance(real, fake), subsets = kernel_distance(real, fake, 50, 200, 3);
  EXPECT_NEAR(subsets.value, all.value, (subsets.high - subsets.low) / 2);
  EXPECT_EQ(kernel_distance(real, fake, 5, 100, 3).value, kernel_distance(real, fake, 5, 100, 3).value);
}

/// Draws of known sets: the interval must hold the distance's expectation about as often as it says.
double share_of_intervals_that_hold(double expected, double shift, int64_t rounds) {
  int64_t held = 0;
  for (int64_t i = 0; i < rounds; ++i) {
    const auto seed = static_cast<uint64_t>(2 * i);
    const auto estimate = kernel_distance(normal(150, 6, seed), normal(100, 6, seed + 1) + shift);
    held += estimate.low <= expected && expected <= estimate.high;
  }
  return static_cast<double>(held) / static_cast<double>(rounds);
}

TEST(KernelDistanceTest, IntervalHoldsZeroForEqualDistributions) {
  const double share = share_of_intervals_that_hold(0, 0, 200);
  EXPECT_GE(share, 0.90);
  EXPECT_LE(share, 0.995);
}

TEST(KernelDistanceTest, IntervalHoldsTheExpectationForOtherDistributions) {
  // E k of t = x.y / d for normal vectors with means a and b: with m = a.b / d, E t = m, E t^2 = m^2 + (1 + |a|^2/d +
  // |b|^2/d) / d, E t^3 = m^3 + 3 m (1 + |a|^2/d + |b|^2/d) / d + 6 m / d^2. Here |a| = 0, |b|^2 / d = s = 0.25, d = 6.
  const double d = 6, s = 0.25;
  const auto expectation = [&](double m, double squares) {
    const double second = (1 + squares) / d;
    return 1 + 3 * m + 3 * (m * m + second) + m * m * m + 3 * m * second + 6 * m / (d * d);
  };
  const double expected = expectation(0, 0) + expectation(s, 2 * s) - 2 * expectation(0, s);
  const double share = share_of_intervals_that_hold(expected, 0.5, 200);
  EXPECT_GE(share, 0.90);
  EXPECT_LE(share, 0.995);
}

TEST(RelativeSimilarityTest, SeesWhichSetIsNearer) {
  const auto reference = normal(300, 8, 1), near = normal(300, 8, 2) + 0.1, far = normal(300, 8, 3) + 0.5;
  EXPECT_LT(relative_similarity_p(reference, far, near), 1e-4);
  EXPECT_GT(relative_similarity_p(reference, near, far), 1 - 1e-4);
  EXPECT_EQ(relative_similarity_p(reference, near, near), 0.5);
}

TEST(RelativeSimilarityTest, RejectsEqualSetsAsOftenAsItSays) {
  for (const double shift : {0.0, 0.5}) {
    int64_t rejected = 0;
    constexpr int64_t kRounds = 300;
    for (uint64_t i = 0; i < kRounds; ++i) {
      rejected += relative_similarity_p(normal(100, 6, 3 * i), normal(100, 6, 3 * i + 1) + shift,
                                        normal(100, 6, 3 * i + 2) + shift) < 0.05;
    }
    EXPECT_GE(rejected, kRounds * 0.01) << shift;
    EXPECT_LE(rejected, kRounds * 0.09) << shift;
  }
}

TEST(SlicedWassersteinTest, OfShiftedPointsIsTheMeanProjection) {
  const auto points = normal(2000, 2, 1).to(at::kFloat).view({-1, 2, 1, 1});
  // E|cos| over directions in the plane is 2 / pi.
  EXPECT_NEAR(sliced_wasserstein(points, points + at::tensor({0.3F, 0.4F}).view({1, 2, 1, 1}), 1),
              1000 * 0.5 * 2 / M_PI, 15);
  EXPECT_EQ(sliced_wasserstein(points, points.clone(), 1), 0);
}

at::Tensor noise_images(int64_t count, int64_t side, uint64_t seed) {
  auto random = make_random(seed);
  return at::rand({count, 3, side, side}, random, at::kFloat) * 2 - 1;
}

TEST(SlicedWassersteinTest, SeesBrightnessAndBlur) {
  const auto real = noise_images(16, 20, 1), again = noise_images(16, 20, 2);
  const double baseline = sliced_wasserstein(real, again, 3);
  EXPECT_GT(sliced_wasserstein(real, again * 0.8 + 0.2, 3), 5 * baseline);
  EXPECT_GT(sliced_wasserstein(real, at::avg_pool2d(again, 3, 1, 1), 3), 5 * baseline);
  EXPECT_EQ(baseline, sliced_wasserstein(real, again, 3));
}

TEST(SlicedWassersteinTest, TakesOddSizesAndUnequalCounts) {
  const auto real = noise_images(4, 33, 1), fake = noise_images(6, 33, 2);
  EXPECT_TRUE(std::isfinite(sliced_wasserstein(real, fake, 3)));
  EXPECT_THROW(sliced_wasserstein(real, noise_images(20, 32, 1), 3), Error);
  EXPECT_THROW(sliced_wasserstein(noise_images(20, 6, 1), noise_images(20, 6, 1), 3), Error);
}

TEST(DistancesTest, ImpossibleInputIsAnError) {
  const auto good = normal(10, 4, 1);
  auto bad = normal(10, 4, 2);
  bad[3][1] = std::nan("");
  EXPECT_THROW(frechet_distance(good, bad, 0, 1), Error);
  EXPECT_THROW(kernel_distance(good, bad), Error);
  EXPECT_THROW(kernel_distance(good, normal(10, 5, 1)), Error);
  EXPECT_THROW(kernel_distance(good, normal(1, 4, 1)), Error);
  EXPECT_THROW(kernel_distance(good, good, 0, 10, 1), Error);
  EXPECT_THROW(relative_similarity_p(good, good, normal(9, 4, 1)), Error);
  EXPECT_THROW(moments(at::zeros({3})), Error);
}

TEST(DistancesTest, TwoRowsASideHaveADistance) {
  // (x y / 1 + 1)^3 of {0, 1} and {1, 3}: 1 + 64 - 2 (1 + 1 + 8 + 64) / 4.
  const auto first = torch::tensor({0.0, 1.0}).view({2, 1}), second = torch::tensor({1.0, 3.0}).view({2, 1});
  EXPECT_NEAR(kernel_distance(first, second).value, 1 + 64 - 2 * (1 + 1 + 8 + 64) / 4.0, 1e-9);
  // Means 0.5 and 2, variances 0.5 and 2: 1.5^2 + (sqrt 2 - sqrt 0.5)^2.
  EXPECT_NEAR(frechet_distance(first, second, 0, 1).value, 2.25 + 0.5, 1e-9);
}

TEST(DistancesTest, EqualRowsAreNoTrouble) {
  const auto constant = at::ones({20, 4});
  EXPECT_NEAR(frechet_distance(constant, constant, 5, 1).value, 0, 1e-12);
  EXPECT_NEAR(kernel_distance(constant, constant).value, 0, 1e-12);
  EXPECT_TRUE(std::isfinite(kernel_distance(constant, normal(20, 4, 1)).low));
}

}  // namespace
}  // namespace forger
