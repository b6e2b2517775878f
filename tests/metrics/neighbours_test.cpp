#include "metrics/neighbours.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/torch.h"
#include "forger/error.h"
#include "metrics/golden_features.h"
#include "metrics/normal_rows.h"
#include "support/golden_json.h"

namespace forger {
namespace {

TEST(NeighbourMeasuresTest, EqualTorchFidelityAndPrdc) {
  const auto golden = read_golden("metrics/golden/measures.json");
  const auto real = golden_features(1, 120, 16), fake = golden_features(2, 100, 16, 1.2, 0.3);
  const auto three = neighbour_measures(real, fake, 3), five = neighbour_measures(real, fake, 5);
  EXPECT_NEAR(three.precision, golden["precision"], 1e-7);
  EXPECT_NEAR(three.recall, golden["recall"], 1e-7);
  EXPECT_NEAR(five.density, golden["density"], 1e-12);
  EXPECT_NEAR(five.coverage, golden["coverage"], 1e-12);
}

TEST(NeighbourMeasuresTest, DoNotDependOnHowRowsAreBlocked) {
  const auto real = normal(1500, 3, 1), fake = normal(1300, 3, 2);
  const auto whole = neighbour_measures(real, fake);
  const auto order = at::arange(1299, -1, -1, at::kLong);
  const auto turned = neighbour_measures(real.flip(0), fake.index_select(0, order));
  EXPECT_EQ(whole.precision, turned.precision);
  EXPECT_EQ(whole.recall, turned.recall);
  EXPECT_EQ(whole.density, turned.density);
  EXPECT_EQ(whole.coverage, turned.coverage);
}

TEST(NeighbourMeasuresTest, CoverageOfEqualDistributionsIsAsExpected) {
  double sum = 0;
  for (uint64_t i = 0; i < 10; ++i)
    sum += neighbour_measures(normal(300, 8, 2 * i), normal(200, 8, 2 * i + 1)).coverage;
  EXPECT_NEAR(sum / 10, expected_coverage(300, 200), 0.015);
}

TEST(NeighbourMeasuresTest, ExpectedCoverageIsThePublishedOne) {
  EXPECT_NEAR(expected_coverage(10'000, 10'000, 5), 0.969, 5e-4);
  EXPECT_NEAR(expected_coverage(2000, 500, 5), 0.67, 5e-3);
  EXPECT_NEAR(expected_coverage(2, 1, 1), 0.5, 1e-12);
}

TEST(NeighbourMeasuresTest, CollapseKeepsPrecisionAndLosesCoverage) {
  const auto real = normal(400, 4, 1);
  const auto fake = real.narrow(0, 7, 1).expand({400, 4});
  const auto measures = neighbour_measures(real, fake);
  EXPECT_EQ(measures.precision, 1);
  EXPECT_LT(measures.coverage, 0.1);
  EXPECT_LE(measures.recall, 1.0 / 400);
}

TEST(NeighbourMeasuresTest, WhatRestsOnBallsOfTooFewHasNoValue) {
  const auto many = normal(10, 3, 1), few = normal(5, 3, 2);  // a ball has five neighbours in it
  const auto of_few = neighbour_measures(many, few), by_few = neighbour_measures(few, many);
  EXPECT_TRUE(std::isnan(of_few.recall) && std::isnan(by_few.precision) && std::isnan(by_few.density) &&
              std::isnan(by_few.coverage));
  EXPECT_EQ(of_few.coverage, neighbour_measures(many, at::cat({few, few + 1e6})).coverage);  // far ones lie in no ball
  EXPECT_FALSE(std::isnan(by_few.recall));
}

TEST(NeighbourMeasuresTest, EqualRealsHaveBallsOfNoSize) {
  const auto equal = at::full({10, 3}, 0.1);
  const auto same = neighbour_measures(equal, equal), other = neighbour_measures(equal, normal(10, 3, 1));
  EXPECT_EQ(same.precision, 1);
  EXPECT_EQ(same.recall, 1);
  EXPECT_EQ(same.density, 10 / 5.0);
  EXPECT_EQ(same.coverage, 1);
  EXPECT_EQ(other.precision, 0);
  EXPECT_EQ(other.coverage, 0);
}

TEST(NeighbourMeasuresTest, ImpossibleInputIsAnError) {
  const auto good = normal(10, 3, 1);
  EXPECT_THROW(neighbour_measures(good, normal(0, 3, 1)), Error);
  EXPECT_THROW(neighbour_measures(good, at::full({10, 3}, std::nan(""))), Error);
  EXPECT_THROW(neighbour_measures(good, normal(10, 4, 1)), Error);
  EXPECT_THROW(neighbour_measures(good, good, 0), Error);
}

TEST(CopyingTest, EqualsScipy) {
  const auto golden = read_golden("metrics/golden/measures.json");
  const auto real = golden_features(1, 120, 16), equal = golden_features(3, 120, 16);
  const auto copies = real.narrow(0, 0, 40) + 0.05 * equal.narrow(0, 0, 40);
  EXPECT_NEAR(copying_z(nearest_distances(real, equal), nearest_distances(real, copies)), golden["copying_z"]["copies"],
              1e-6);
  EXPECT_NEAR(copying_z(nearest_distances(real, equal), nearest_distances(real, golden_features(8, 90, 16))),
              golden["copying_z"]["fresh"], 1e-6);
  EXPECT_EQ(authenticity(real, copies), golden["authenticity"]["copies"].get<double>());
  EXPECT_NEAR(authenticity(real, equal), golden["authenticity"]["fresh"], 1e-12);
}

TEST(CopyingTest, ExactCopiesAreAtDistanceZero) {
  const auto training = normal(3000, 64, 1) * 10 + 100;
  const auto copies = training.index_select(0, at::arange(0, 3000, 7, at::kLong));
  const auto found = nearest_distances(training, copies);
  EXPECT_EQ(found.max().item<double>(), 0);
  EXPECT_EQ(authenticity(training, copies), 0);
  EXPECT_LT(copying_z(nearest_distances(training, normal(200, 64, 2) * 10 + 100), found), -10);
}

TEST(CopyingTest, FreshDrawsAreAuthenticInHalfOfTheCases) {
  EXPECT_NEAR(authenticity(normal(2000, 6, 1), normal(2000, 6, 2)), 0.5, 0.05);
}

TEST(CopyingTest, NearestRowsAreThoseOfPlainArithmetic) {
  const auto training = at::tensor({0.0, 0.0, 3.0, 4.0}, at::kDouble).view({2, 2});
  const auto images = at::tensor({0.0, 1.0, 3.0, 7.0, 3.0, 4.0}, at::kDouble).view({3, 2});
  const auto found = nearest_rows(training, images);
  EXPECT_TRUE(found.places.equal(at::tensor({0, 1, 1}, at::kLong)));
  EXPECT_TRUE(found.distances.allclose(at::tensor({1.0, 3.0, 0.0}, at::kDouble)));
}

TEST(CopyingTest, RepeatsLieNearerThanATenthOfTheUsualDistance) {
  EXPECT_DOUBLE_EQ(repeat_distance(at::tensor({5.0, 1.0, 40.0}, at::kDouble)), 0.5);
}

TEST(CopyingTest, RepeatedShareCountsThroughTheImagesThatAreKnown) {
  const auto training = normal(8000, 12, 1), known = training.narrow(0, 0, 1000);
  const auto unseen = nearest_distances(known, normal(1000, 12, 2));
  const auto share = [&](const at::Tensor& fakes) {
    return repeated_share(unseen, nearest_distances(known, fakes), 1.0 / 8);
  };
  const auto copies = training.index_select(0, at::arange(0, 8000, 8, at::kLong)), fresh = normal(1000, 12, 3);
  EXPECT_EQ(share(fresh), 0);
  EXPECT_GT(share(copies), 0.75);
  EXPECT_GT(share(copies + 0.01 * fresh), 0.75) << "as after another file format";
  const auto half =
      share(at::cat({copies.index_select(0, at::arange(0, 1000, 2, at::kLong)), fresh.narrow(0, 0, 500)}));
  EXPECT_NEAR(half, 0.5, 0.25);
  EXPECT_EQ(repeated_share(unseen, nearest_distances(known, training.narrow(0, 7000, 1000)), 1.0 / 8), 0);
}

}  // namespace
}  // namespace forger
