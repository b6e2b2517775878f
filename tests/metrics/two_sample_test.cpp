#include "metrics/two_sample.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/torch.h"
#include "forger/error.h"
#include "metrics/golden_features.h"
#include "metrics/normal_rows.h"
#include "support/golden_json.h"

namespace forger {
namespace {

at::Tensor tenths(uint64_t seed, int64_t count, double shift) {
  return ((golden_features(seed, count, 1).flatten() + shift) * 10).round() / 10;
}

TEST(RankTestTest, EqualsScipyAndDeLongWithTies) {
  const auto golden = read_golden("metrics/golden/measures.json")["rank"];
  const auto a = tenths(6, 80, 0), b = tenths(7, 60, -0.3);
  const auto test = rank_test(a, b);
  EXPECT_NEAR(test.area, golden["area"], 1e-12);
  EXPECT_NEAR(test.low, golden["low"], 1e-9);
  EXPECT_NEAR(test.high, golden["high"], 1e-9);
  EXPECT_NEAR(std::erfc(test.z / std::sqrt(2)), golden["two_sided_p"], 1e-9);
  EXPECT_NEAR(kolmogorov_smirnov(a, b), golden["kolmogorov_smirnov"], 1e-12);
}

TEST(RankTestTest, ClosedForms) {
  const auto low = at::arange(10, at::kDouble), high = low + 100;
  EXPECT_EQ(rank_test(high, low).area, 1);
  EXPECT_EQ(rank_test(low, high).area, 0);
  EXPECT_GT(rank_test(high, low).z, 3);
  EXPECT_EQ(kolmogorov_smirnov(high, low), 1);
  EXPECT_EQ(kolmogorov_smirnov(low, low), 0);
  const auto same = rank_test(at::ones({10}), at::ones({20}));
  EXPECT_EQ(same.area, 0.5);
  EXPECT_EQ(same.z, 0);
  // The null error of the area, sqrt((n + m + 1) / 12nm): 0.0129 at 1,000 scores each.
  const auto equal = rank_test(normal(1000, 1, 1), normal(1000, 1, 2));
  EXPECT_NEAR(equal.high - equal.low, 2 * 1.645 * 0.0129, 1e-3);
  EXPECT_NEAR(kolmogorov_smirnov_limit(1000, 1000), 1.36 * std::sqrt(0.002), 1e-12);
}

TEST(RankTestTest, ImpossibleInputIsAnError) {
  EXPECT_THROW(rank_test(at::full({5}, std::nan("")), at::ones({5})), Error);
  EXPECT_THROW(rank_test(at::ones({1}), at::ones({5})), Error);
  EXPECT_THROW(kolmogorov_smirnov(at::ones({0}), at::ones({5})), Error);
}

TEST(ClassifierTestTest, CannotTellEqualDistributions) {
  int64_t held = 0;
  for (uint64_t i = 0; i < 5; ++i) {
    const auto test = classifier_test(normal(300, 32, 4 * i), normal(300, 32, 4 * i + 1), normal(500, 32, 4 * i + 2),
                                      normal(500, 32, 4 * i + 3), i, 20);
    EXPECT_EQ(test.count, 1000);
    EXPECT_NEAR(test.accuracy, 0.5, 0.06);
    held += test.low <= 0.5 && 0.5 <= test.high;
  }
  EXPECT_GE(held, 3);
}

TEST(ClassifierTestTest, TellsShiftsAndWhatNoLineSeparates) {
  const auto test = [](const at::Tensor& train, const at::Tensor& unseen) {
    return classifier_test(normal(400, 4, 1), train, normal(400, 4, 2), unseen, 5, 60).accuracy;
  };
  // The best accuracy for means 0 and 2 along one axis is Phi(1) = 0.841.
  const auto shift = at::tensor({2.0, 0.0, 0.0, 0.0}, at::kDouble);
  EXPECT_NEAR(test(normal(400, 4, 3) + shift, normal(400, 4, 4) + shift), 0.841, 0.04);
  EXPECT_GT(test(normal(400, 4, 3) * 3, normal(400, 4, 4) * 3), 0.85);
  EXPECT_EQ(test(normal(400, 4, 3) * 3, normal(400, 4, 4) * 3), test(normal(400, 4, 3) * 3, normal(400, 4, 4) * 3));
}

TEST(ClassifierTestTest, BothClassesCountAlike) {
  const auto test =
      classifier_test(normal(400, 3, 1), normal(40, 3, 2) + 1, normal(400, 3, 3), normal(50, 3, 4) + 1, 1, 60);
  EXPECT_GT(test.accuracy, 0.72);  // 0.807 at best; calling all of them real would give 0.5
}

TEST(ClassifierTestTest, ConstantColumnsAreNoTroubleAndNanIsAnError) {
  const auto constant = at::ones({50, 3});
  const auto test = classifier_test(constant, constant, constant, constant, 1, 5);
  EXPECT_NEAR(test.accuracy, 0.5, 1e-12);
  EXPECT_THROW(classifier_test(constant, constant, constant, at::full({50, 3}, std::nan("")), 1), Error);
  EXPECT_THROW(classifier_test(constant, at::ones({50, 2}), constant, constant, 1), Error);
}

TEST(PlattTest, EqualsTheMinimumThatScipyFinds) {
  const auto golden = read_golden("metrics/golden/measures.json")["platt"];
  const auto platt = fit_platt(tenths(6, 80, 0), tenths(7, 60, -0.3));
  EXPECT_NEAR(platt.slope, golden["slope"], 1e-5);
  EXPECT_NEAR(platt.offset, golden["offset"], 1e-5);
  EXPECT_NEAR(platt.slope_error, golden["slope_error"], 1e-5);
}

TEST(PlattTest, FollowsTheScaleOfTheScores) {
  const auto real = tenths(6, 80, 0), fake = tenths(7, 60, -0.3);
  const auto plain = fit_platt(real, fake), scaled = fit_platt(real * 1e6 + 3e6, fake * 1e6 + 3e6);
  EXPECT_TRUE(at::allclose(platt_probability(plain, real), platt_probability(scaled, real * 1e6 + 3e6), 1e-6, 1e-6));
}

TEST(PlattTest, SeparatedAndConstantScoresStayFinite) {
  const auto platt = fit_platt(at::arange(100, 200, at::kDouble), at::arange(0, 100, at::kDouble));
  EXPECT_TRUE(std::isfinite(platt.slope));
  EXPECT_GT(platt.slope, 0);
  const auto flat = fit_platt(at::full({10}, 0.1), at::full({10}, 0.1));
  EXPECT_EQ(flat.slope, 0);
  EXPECT_EQ(platt_probability(flat, at::zeros({1})).item<double>(), 0.5);
}

}  // namespace
}  // namespace forger
