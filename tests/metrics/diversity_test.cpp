#include "metrics/diversity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "core/torch.h"
#include "forger/error.h"
#include "metrics/golden_features.h"
#include "metrics/normal_rows.h"
#include "support/golden_json.h"

namespace forger {
namespace {

/// `count` rows around each of `modes` far points.
at::Tensor clusters(int64_t modes, int64_t count, uint64_t seed) {
  return at::eye(modes, at::kDouble).repeat({count, 1}) * 100 + normal(modes * count, modes, seed);
}

TEST(VendiScoreTest, EqualsNumpy) {
  const auto golden = read_golden("metrics/golden/measures.json");
  EXPECT_NEAR(vendi_score(golden_features(1, 120, 16), 1), golden["vendi"]["bandwidth_1"], 1e-7);
  EXPECT_NEAR(vendi_score(golden_features(1, 120, 16), 3), golden["vendi"]["bandwidth_3"], 1e-7);
}

TEST(VendiScoreTest, CountsDifferentItems) {
  EXPECT_NEAR(vendi_score(at::full({50, 3}, 0.1), 1), 1, 1e-9);
  EXPECT_NEAR(vendi_score(at::eye(20) * 1000, 1), 20, 1e-9);
  EXPECT_NEAR(vendi_score(at::eye(4).repeat({10, 1}) * 1000, 1), 4, 1e-9);
  EXPECT_THROW(vendi_score(normal(5, 2, 1), 0), Error);
}

TEST(MedianDistanceTest, EqualsNumpy) {
  const auto golden = read_golden("metrics/golden/measures.json");
  EXPECT_NEAR(median_distance(golden_features(1, 120, 16).narrow(0, 0, 31)), golden["median_distance"], 1e-9);
  EXPECT_EQ(median_distance(at::full({5, 3}, 0.1)), 0);
}

TEST(BinsTest, FindFarClusters) {
  const Bins bins(clusters(8, 50, 1), 8, 2);
  const auto counts = bins.histogram(clusters(8, 20, 3));
  EXPECT_EQ(counts, std::vector<int64_t>(8, 20));
}

TEST(BinsTest, TheSameSeedGivesTheSameBins) {
  const auto rows = normal(500, 5, 1);
  EXPECT_TRUE(Bins(rows, 20, 3).assign(rows).equal(Bins(rows, 20, 3).assign(rows)));
}

TEST(BinsTest, FewerDifferentRowsGiveFewerBins) {
  const Bins bins(at::eye(3).repeat({20, 1}), 10, 1);
  EXPECT_EQ(bins.count(), 3);
  EXPECT_EQ(Bins(at::full({20, 3}, 0.1), 10, 1).count(), 1);
  EXPECT_THROW(Bins(normal(5, 2, 1), 6, 1), Error);
  EXPECT_THROW(bins.histogram(normal(5, 2, 1)), Error);
}

TEST(BinsTest, EqualDistributionsDifferInOneOfTwentyBins) {
  const Bins bins(normal(3000, 4, 1), 50, 2);
  double sum = 0;
  for (uint64_t i = 0; i < 20; ++i) {
    const auto one = bins.histogram(normal(1000, 4, 10 + 2 * i)), other = bins.histogram(normal(1000, 4, 11 + 2 * i));
    sum += compare_bins(one, other).different;
  }
  EXPECT_NEAR(sum / 20, 0.05, 0.02);
}

TEST(BinDifferenceTest, EqualsScipy) {
  const auto golden = read_golden("metrics/golden/measures.json");
  const auto difference = compare_bins({60, 40, 5, 30, 20, 1}, {62, 10, 9, 30, 36, 9});
  EXPECT_NEAR(difference.different, golden["ndb"], 1e-12);
  EXPECT_NEAR(difference.jensen_shannon, golden["jensen_shannon"], 1e-12);
}

TEST(BinDifferenceTest, NamesStarvedBinsTheEmptiestFirst) {
  const auto difference = compare_bins({100, 100, 100, 100, 1}, {150, 8, 242, 0, 0});
  EXPECT_EQ(difference.starved, (std::vector<int64_t>{3, 1}));
  EXPECT_EQ(compare_bins({10, 10}, {10, 10}).different, 0);
  EXPECT_EQ(compare_bins({10, 0}, {10, 0}).jensen_shannon, 0);
  EXPECT_NEAR(compare_bins({10, 0}, {0, 10}).jensen_shannon, std::log(2), 1e-12);
  EXPECT_THROW(compare_bins({10, 10}, {0, 0}), Error);
  EXPECT_THROW(compare_bins({10, 10}, {10}), Error);
}

}  // namespace
}  // namespace forger
