#include "referee/referee.h"

#include <gmock/gmock.h>

namespace forger {
namespace {

/// A training of three minutes at a pace, whose checks cost what the referee expects.
struct Course {
  std::vector<Check> checks;
  double spent = 0;
  bool kept = false, concludes = false;
};

Course course_at(double images_a_second) {
  Config config;
  config.training.minutes = 3;
  Course course;
  for (int64_t second = 1; second <= 180; ++second) {
    const auto images = static_cast<int64_t>(images_a_second * static_cast<double>(second));
    const Moment now{images / 64, images, static_cast<double>(second)};
    Referee referee(config, {}, {}, course.checks);
    course.kept |= referee.should_keep(now);
    if (referee.is_due(now)) {
      Check check;
      check.step = now.step;
      check.seconds = now.seconds;
      check.cost_seconds = referee.next_check_seconds(now);
      course.checks.push_back(check);
      course.spent += check.cost_seconds;
    }
    course.concludes = referee.may_conclude(now);
  }
  return course;
}

TEST(RefereeTest, ChecksGoByTheShareOfTheBudgetWithinTheirCost) {
  const auto fast = course_at(5000), slow = course_at(400), very_slow = course_at(20);
  for (const auto& course : {fast, slow, very_slow}) {
    EXPECT_LE(course.spent, 0.03 * 180);
    EXPECT_TRUE(course.concludes);
  }
  EXPECT_GE(fast.checks.size(), 1u);
  EXPECT_GE(slow.checks.size(), 1u);
  // Where none can be paid for, the middle of the course is kept for the end.
  EXPECT_TRUE(very_slow.checks.empty());
  EXPECT_TRUE(very_slow.kept);
  EXPECT_FALSE(fast.kept);
}

TEST(RefereeTest, ATrainingOfAFewStepsIsTooShortForALastWord) {
  Config config;
  config.training.steps = 20;
  EXPECT_FALSE(Referee(config, {}, {}, {}).may_conclude({20, 1280, 2}));
  EXPECT_TRUE(Referee(config, {}, {}, {}).may_conclude({500, 32000, 5}));
}

TEST(RefereeTest, TooFewChecksToMendBySoonAreSaid) {
  Config config;
  config.training.steps = 6000;
  const auto said = [&](const Moment& now, std::vector<Check> history = {}) {
    return Referee(config, {}, {}, std::move(history)).too_few_checks(now);
  };
  const Moment slow{600, 2400, 60};  // ten minutes in all, for which 3 % of the time pay one check
  EXPECT_EQ(said(slow), "") << "nothing goes by checks";
  config.referee.mend = true;
  EXPECT_EQ(said({200, 800, 20}), "") << "of the pace nothing is known yet";
  config.referee.cost = 0.003;
  EXPECT_THAT(
      said(slow),
      testing::AllOf(testing::StartsWith("mending goes by 5 checks or more, and this training gets 0"),
                     testing::HasSubstr("0.3 % of about 10 min"), testing::EndsWith("--set referee.every_steps=400")));
  config.referee.cost = 0.03;
  EXPECT_EQ(said(slow), "") << "what a check takes is measured at the first one";
  Check first;
  first.cost_seconds = 12;
  EXPECT_THAT(said(slow, {first}), testing::HasSubstr("this training gets 1 ("));
  config.referee.mend = false;
  config.referee.until = "converged";
  EXPECT_THAT(said(slow, {first}), testing::StartsWith("referee.until goes by 5 checks"));
  config.referee.every_steps = 2000;
  EXPECT_THAT(said(slow), testing::HasSubstr("gets 3 (referee.every_steps=2000)"));
  config.referee.every_steps = 400;
  EXPECT_EQ(said(slow), "");
}

TEST(RefereeTest, HalfOfTheBudgetIsNoLongerTooEarly) {
  Config config;
  config.training.minutes = 3;
  EXPECT_TRUE(situation_of(config, {100, 6400, 80}).young);
  EXPECT_FALSE(situation_of(config, {100, 6400, 100}).young);
  EXPECT_FALSE(situation_of(config, {500, 32000, 80}).young);
}

}  // namespace
}  // namespace forger
