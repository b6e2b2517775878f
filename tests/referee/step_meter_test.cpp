#include "referee/step_meter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

namespace forger {
namespace {

std::vector<double> noise(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  std::vector<double> values(count);
  for (auto& value : values) value = normal(random);
  return values;
}

TEST(SwingTest, WhiteNoiseSwingsAsMuchAsBatchNoiseExplains) {
  double sum = 0;
  int alarms = 0;
  for (unsigned seed = 1; seed <= 50; ++seed) {
    const auto swing = measure_swing(noise(1280, seed), 20);
    sum += swing.ratio;
    alarms += swing.period_p < 0.01;
  }
  EXPECT_NEAR(sum / 50, 1, 0.1);
  EXPECT_LE(alarms, 3);
}

TEST(SwingTest, SlowWaveIsSeenAsPeriodic) {
  auto values = noise(1280, 7);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] += 1.5 * std::sin(2 * std::numbers::pi * static_cast<double>(i) / 160);
  }
  const auto swing = measure_swing(values, 20);
  EXPECT_GT(swing.ratio, 10);
  EXPECT_LT(swing.period_p, 1e-6);
}

TEST(SwingTest, StraightLineIsNoSwing) {
  auto values = noise(1280, 3);
  for (size_t i = 0; i < values.size(); ++i) values[i] += 0.05 * static_cast<double>(i);
  EXPECT_LT(measure_swing(values, 20).ratio, 2);
}

TEST(SwingTest, ShortSeriesIsUnknown) { EXPECT_TRUE(std::isnan(measure_swing(noise(100, 1), 20).ratio)); }

StepReport report(double loss, double ratio, double weights, bool finite = true) {
  StepReport report;
  report.finite = finite;
  report.losses["discriminator"] = loss;
  report.players = {{"generator", 1e-4, 1, weights, ratio}, {"discriminator", 1e-4, 1, 1, ratio / 2}};
  return report;
}

TEST(StepMeterTest, ReadsMedianUpdateAndWeightsOfBothPlayers) {
  StepMeter meter;
  for (const double ratio : {0.1, 0.2, 0.9}) meter.watch(report(1, ratio, ratio == 0.9 ? 12 : 3));
  Check check;
  meter.read(check);
  EXPECT_DOUBLE_EQ(check.update_ratio, 0.2);
  EXPECT_DOUBLE_EQ(check.generator_weights, 12);
  EXPECT_DOUBLE_EQ(check.discriminator_weights, 1);
  EXPECT_DOUBLE_EQ(check.weight_growth, 4);
  EXPECT_TRUE(check.finite);
}

TEST(StepMeterTest, TellsEachPlayersTurnsApart) {
  StepMeter meter;
  for (const double ratio : {0.1, 0.2, 0.9}) {
    auto step = report(1, ratio, 3);
    step.players.push_back({"encoder", 0, 0, 0, 0});  // has had no turn
    meter.watch(step);
  }
  Check check;
  meter.read(check);
  EXPECT_EQ(check.updates, (std::map<std::string, double>{{"generator", 0.2}, {"discriminator", 0.1}}));
  EXPECT_EQ(check.rates, (std::map<std::string, double>{{"generator", 1e-4}, {"discriminator", 1e-4}}));
  EXPECT_EQ(check.gradients, (std::map<std::string, double>{{"generator", 1}, {"discriminator", 1}}));
}

TEST(StepMeterTest, StepThatWasNotFiniteIsTold) {
  StepMeter meter;
  meter.watch(report(1, 0.1, 1));
  meter.watch(report(NAN, 0.1, 1, false));
  Check check;
  meter.read(check);
  EXPECT_FALSE(check.finite);
}

}  // namespace
}  // namespace forger
