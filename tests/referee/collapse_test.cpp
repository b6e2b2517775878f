#include <gtest/gtest.h>

#include "referee/checks.h"

namespace forger {
namespace {

TEST(CollapseTest, OneImageForAllNoiseIsFullCollapseAfterTwoChecks) {
  auto checks = repeated(healthy(0), 8);
  for (size_t i = 6; i < 8; ++i) checks[i].diversity = checks[i].raw_diversity = 0.01;
  const auto found = find_states(checks, {});
  EXPECT_EQ(found.front().state, State::full_collapse);
  EXPECT_EQ(found.front().since_step, checks[6].step);
}

TEST(CollapseTest, SameMissingBinsArePartialCollapse) {
  auto check = healthy(0);
  check.starved_bins = check.missing_kinds = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  check.coverage = 0.4;
  check.density = 0.9;
  EXPECT_EQ(state_after(repeated(check, 8)), State::healthy_duel);  // it still gains
  check.improvement_p = 0.5;
  EXPECT_EQ(state_after(repeated(check, 8)), State::partial_collapse);
}

TEST(CollapseTest, RepeatedTrainingImagesAreCopiesHoweverFewOfThemAreKnown) {
  Check check = settled(0);
  check.repeated = 0.4;
  EXPECT_NE(state_after(repeated(check, 8)), State::copying);
  check.repeated = 0.8;
  EXPECT_EQ(state_after(repeated(check, 8)), State::copying);
}

TEST(CollapseTest, GoodSamplesThatLeaveOutAKindOrTwoOfFiftyAreAPartialCollapse) {
  Check check = settled(0);
  check.coverage = 0.9;
  check.starved_bins = {7};  // one may be chance
  EXPECT_NE(state_after(repeated(check, 8)), State::partial_collapse);
  check.starved_bins = {7, 31};
  EXPECT_EQ(state_after(repeated(check, 8)), State::partial_collapse);
  Situation alone;
  alone.single_moment = true;
  EXPECT_EQ(state_after(repeated(check, 4), alone), State::partial_collapse);
  check.density = 0.3;  // bad in another way, which moves them to other bins
  EXPECT_NE(state_after(repeated(check, 8)), State::partial_collapse);
}

TEST(CollapseTest, ChangingMissingBinsAreCycling) {
  auto check = healthy(0);
  check.improvement_p = 0.5;
  check.movement = 0.8;
  auto checks = repeated(check, 8);
  for (size_t i = 0; i < checks.size(); ++i) {
    const auto first = static_cast<int64_t>(10 * (i % 4));
    for (int64_t bin = first; bin < first + 10; ++bin) checks[i].missing_kinds.push_back(bin);
  }
  EXPECT_EQ(state_after(checks), State::cycling);
}

TEST(CollapseTest, HoppingBetweenKindsIsCyclingThoughItComesBackToTheSameNowAndThen) {
  auto check = healthy(0);
  check.improvement_p = 0.5;
  auto checks = repeated(check, 8);
  for (size_t i = 0; i < checks.size(); ++i) {
    checks[i].movement = i % 2 == 0 ? 0.08 : 0.32;
    checks[i].missing_kinds = i % 2 == 0 ? std::vector<int64_t>{3, 8, 6} : std::vector<int64_t>{3, 9, 0};
  }
  EXPECT_EQ(state_after(checks), State::cycling);
  for (auto& settles : checks) settles.movement = 0.08;
  EXPECT_NE(state_after(checks), State::cycling);
}

TEST(CollapseTest, OneKindEachTimeAndAlwaysAnotherIsCyclingNotFullCollapse) {
  auto check = healthy(0);
  check.diversity = check.raw_diversity = 0.05;
  check.movement = 0.9;
  auto checks = repeated(check, 8);
  for (size_t i = 0; i < checks.size(); ++i) checks[i].improvement_p = i % 2 == 0 ? 0 : 1;  // by chance nearer
  const auto found = find_states(checks, {});
  EXPECT_EQ(found[0].state, State::cycling);
  EXPECT_EQ(found[1].state, State::full_collapse);
  for (auto& stays : checks) stays.movement = 0;
  EXPECT_EQ(state_after(checks), State::full_collapse);
}

TEST(CollapseTest, NoisySamplesAloneAreNotTakenForACollapse) {
  auto check = healthy(0);
  check.improvement_p = check.auc_unseen = check.rival_auc = kUnknown;
  for (int64_t bin = 0; bin < 40; ++bin) check.starved_bins.push_back(bin);  // of 50
  check.missing_kinds = {1, 2, 3, 4, 5};
  check.coverage = 0.1;
  check.density = 0.2;
  Situation alone;
  alone.single_moment = true;
  EXPECT_EQ(state_after(repeated(check, 4), alone), State::undecided);
  check.density = 0.9;  // what there is is good
  EXPECT_EQ(state_after(repeated(check, 4), alone), State::partial_collapse);
}

}  // namespace
}  // namespace forger
