#include "training/schedule.h"

#include <gtest/gtest.h>

namespace forger {
namespace {

TEST(ScheduleTest, ConstantIsOneThroughout) {
  EXPECT_DOUBLE_EQ(rate_factor({}, 1, 0), 1);
  EXPECT_DOUBLE_EQ(rate_factor({}, 1000, 0.99), 1);
}

TEST(ScheduleTest, WarmUpGrowsLinearly) {
  TrainingOptions options;
  options.warmup_steps = 4;
  EXPECT_DOUBLE_EQ(rate_factor(options, 1, 0), 0.25);
  EXPECT_DOUBLE_EQ(rate_factor(options, 4, 0), 1);
  EXPECT_DOUBLE_EQ(rate_factor(options, 9, 0), 1);
}

TEST(ScheduleTest, LinearFallsToTheFinalRate) {
  TrainingOptions options;
  options.schedule = "linear";
  options.schedule_steps = 100;
  options.final_rate = 0.2;
  EXPECT_DOUBLE_EQ(rate_factor(options, 1, 0), 1);
  EXPECT_DOUBLE_EQ(rate_factor(options, 51, 0), 0.6);
  EXPECT_DOUBLE_EQ(rate_factor(options, 101, 0), 0.2);
  EXPECT_DOUBLE_EQ(rate_factor(options, 500, 0), 0.2);
}

TEST(ScheduleTest, CosineFollowsTheBudgetWhenNoStepsAreNamed) {
  TrainingOptions options;
  options.schedule = "cosine";
  EXPECT_NEAR(rate_factor(options, 7, 0), 1, 1e-12);
  EXPECT_NEAR(rate_factor(options, 7, 1.0 / 3), 0.75, 1e-12);
  EXPECT_NEAR(rate_factor(options, 7, 0.5), 0.5, 1e-12);
  EXPECT_NEAR(rate_factor(options, 7, 1), 0, 1e-12);
}

TEST(ScheduleTest, TheBudgetIsUsedUpByWhateverEndsFirst) {
  TrainingOptions options;
  options.steps = 1000;
  options.images = 0;
  options.minutes = 3;
  EXPECT_DOUBLE_EQ(budget_used(options, 250, 16000, 18), 0.25);
  EXPECT_DOUBLE_EQ(budget_used(options, 250, 16000, 90), 0.5);
}

}  // namespace
}  // namespace forger
