#include "tasks/calibration.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/random.h"
#include "core/torch.h"
#include "forger/error.h"

namespace forger {
namespace {

at::Tensor one_to_nine() { return at::arange(1, 10, at::kFloat); }

TEST(CalibrationTest, CountsHowManyNormalsScoreAsHigh) {
  const Calibration calibration(one_to_nine().flip(0));
  // (1 + those of at least the score) / (1 + 9).
  EXPECT_DOUBLE_EQ(calibration.p_normal(0), 1);
  EXPECT_DOUBLE_EQ(calibration.p_normal(5), 0.6);
  EXPECT_DOUBLE_EQ(calibration.p_normal(8.5), 0.2);
  EXPECT_DOUBLE_EQ(calibration.p_normal(9), 0.2);
}

TEST(CalibrationTest, BeyondTheHighestScoreItFallsOn) {
  const Calibration calibration(one_to_nine());
  EXPECT_LT(calibration.p_normal(9.5), 0.1);
  EXPECT_LT(calibration.p_normal(12), calibration.p_normal(10));
  EXPECT_DOUBLE_EQ(calibration.p_normal(1e9), 1e-7);  // a millionth of the 0.1 that nine scores know
}

TEST(CalibrationTest, NormalsExceedAThresholdAsOftenAsWasAskedFor) {
  const Calibration calibration(at::empty({5000}).normal_(0, 1, make_random(1)));
  const auto fresh = at::empty({100000}).normal_(0, 1, make_random(2));
  for (const double rate : {0.3, 0.05, 0.01}) {
    const double exceeding = (fresh > calibration.threshold(rate)).to(at::kDouble).mean().item<double>();
    EXPECT_NEAR(exceeding, rate, 3 * std::sqrt(rate / 5000)) << rate;
  }
}

TEST(CalibrationTest, ThresholdAndPAreEachOthersInverse) {
  const Calibration calibration(at::empty({500}).normal_(0, 1, make_random(3)));
  for (const double rate : {0.5, 0.1, 0.01, 0.001, 1e-5}) {
    EXPECT_LE(calibration.p_normal(calibration.threshold(rate) + 1e-6), rate * 1.0001) << rate;
    EXPECT_GT(calibration.p_normal(calibration.threshold(rate) - 1e-3), rate * 0.98) << rate;
  }
}

TEST(CalibrationTest, TheHighestOfSeveralExceedsAThresholdAsOftenAsASingleOne) {
  // An exponential distribution, as the tail is taken to be one.
  const Calibration calibration(at::empty({20000}).exponential_(1, make_random(4)));
  EXPECT_DOUBLE_EQ(calibration.highest_of(1, 1.5), 1.5);
  const auto highest = std::get<0>(at::empty({20000, 49}).exponential_(1, make_random(5)).max(1));
  for (const double rate : {0.05, 0.01, 0.002}) {
    const double threshold = calibration.threshold(rate);
    double exceeding = 0;
    for (int64_t i = 0; i < highest.numel(); ++i)
      exceeding += calibration.highest_of(49, highest[i].item<double>()) > threshold;
    EXPECT_NEAR(exceeding / 20000, rate, 0.2 * rate + 3 * std::sqrt(rate / 20000)) << rate;
  }
}

TEST(CalibrationTest, RefusesScoresThatSayNothing) {
  EXPECT_THROW(Calibration(at::empty({0})), Error);
  EXPECT_THROW(Calibration(at::full({3}, std::numeric_limits<float>::quiet_NaN())), Error);
}

}  // namespace
}  // namespace forger
