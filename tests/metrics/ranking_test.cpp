#include "metrics/ranking.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"
#include "core/torch.h"

namespace forger {
namespace {

/// Of `[N, H, W]`.
double overlap_of(const at::Tensor& maps, const at::Tensor& masks) {
  return per_region_overlap(maps.unbind(), masks.unbind());
}

TEST(AurocTest, CountsPairsInTheRightOrder) {
  // Of the pairs (1, 2), (1, 5), (3, 2), (3, 5) three are in order.
  EXPECT_DOUBLE_EQ(auroc(torch::tensor({1.0, 3.0}), torch::tensor({2.0, 5.0})), 0.75);
  EXPECT_DOUBLE_EQ(auroc(torch::tensor({1.0, 2.0}), torch::tensor({3.0})), 1);
  EXPECT_DOUBLE_EQ(auroc(torch::tensor({3.0}), torch::tensor({1.0, 2.0})), 0);
}

TEST(AurocTest, TiesCountHalf) { EXPECT_DOUBLE_EQ(auroc(torch::tensor({1.0, 1.0}), torch::tensor({1.0, 2.0})), 0.75); }

TEST(AurocTest, OfGaussiansOneApartIsTheClosedForm) {
  // P(X + 1 > Y) = Phi(1 / sqrt 2) = 0.760250.
  const auto normal = at::empty({20000}).normal_(0, 1, make_random(1)),
             anomalous = at::empty({20000}).normal_(1, 1, make_random(2));
  const double area = auroc(normal, anomalous);
  EXPECT_NEAR(area, 0.760250, 3 * auroc_error(0.76, 20000, 20000));
}

TEST(AurocTest, HasNoValueWithoutOneSide) { EXPECT_TRUE(std::isnan(auroc(torch::tensor({1.0}), at::empty({0})))); }

TEST(AurocTest, ErrorIsHanleyAndMcNeils) {
  // Area 0.5 with n = m = 10: Q1 = Q2 = 1/3, so the variance is (1/4 + 18 (1/3 - 1/4)) / 100 = 0.0175.
  EXPECT_NEAR(auroc_error(0.5, 10, 10), std::sqrt(0.0175), 1e-12);
}

TEST(PerRegionOverlapTest, ARegionCountsAsMuchAsALargerOne) {
  // A large region is found whole, a small one not at all, at every share of normal pixels up to 30 %.
  auto mask = at::zeros({1, 20, 20}), map = at::empty({1, 20, 20}).uniform_(0, 1, make_random(3));
  mask.narrow(1, 0, 10).narrow(2, 0, 10).fill_(1);
  map.narrow(1, 0, 10).narrow(2, 0, 10).fill_(2);
  mask.narrow(1, 15, 2).narrow(2, 15, 2).fill_(1);
  map.narrow(1, 15, 2).narrow(2, 15, 2).fill_(-1);
  EXPECT_NEAR(overlap_of(map, mask), 0.5, 1e-6);
}

TEST(PerRegionOverlapTest, DiagonalNeighboursAreOneRegion) {
  // Two pixels that touch at a corner, one found: half of one region. A third pixel alone, found: a region of its own.
  auto mask = at::zeros({1, 20, 20}), map = at::empty({1, 20, 20}).uniform_(0, 1, make_random(4));
  const auto put = [&](int64_t y, int64_t x, double value) {
    mask[0][y][x].fill_(1);
    map[0][y][x].fill_(value);
  };
  put(3, 3, 2), put(4, 4, -1), put(15, 15, 2);
  EXPECT_NEAR(overlap_of(map, mask), (0.5 + 1) / 2, 1e-6);
}

TEST(PerRegionOverlapTest, OfChanceIsHalfOfTheLargestShare) {
  // A map that knows nothing: overlap equals the share of normal pixels, 15 % on average up to 30 %.
  auto mask = at::zeros({4, 64, 64});
  mask.narrow(1, 8, 40).narrow(2, 8, 40).fill_(1);
  EXPECT_NEAR(overlap_of(at::empty({4, 64, 64}).uniform_(0, 1, make_random(5)), mask), 0.15, 0.01);
}

TEST(PerRegionOverlapTest, ImagesMayDifferInSize) {
  // The map of the first test, cut into two images of other heights: nothing but where the pixels lie has changed.
  auto mask = at::zeros({20, 20}), map = at::empty({20, 20}).uniform_(0, 1, make_random(3));
  mask.narrow(0, 0, 10).narrow(1, 0, 10).fill_(1);
  map.narrow(0, 0, 10).narrow(1, 0, 10).fill_(2);
  mask.narrow(0, 15, 2).narrow(1, 15, 2).fill_(1);
  map.narrow(0, 15, 2).narrow(1, 15, 2).fill_(-1);
  EXPECT_NEAR(per_region_overlap(map.split({12, 8}), mask.split({12, 8})), 0.5, 1e-6);
}

TEST(PerRegionOverlapTest, HasNoValueWithoutARegion) {
  EXPECT_TRUE(std::isnan(overlap_of(at::zeros({1, 4, 4}), at::zeros({1, 4, 4}))));
}

}  // namespace
}  // namespace forger
