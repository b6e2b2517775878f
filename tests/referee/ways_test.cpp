#include "referee/ways.h"

#include <gtest/gtest.h>

#include <memory>

#include "referee/checks.h"
#include "referee/mender.h"

namespace forger {
namespace {

Config both_ways() { return Config::from_recipe("cyclegan"); }

/// Eight checks of both ways.
std::vector<Check> checks_of(const Check& first, const Check& back) {
  auto checks = repeated(first, 8);
  for (Check& check : checks) {
    Check other = back;
    other.step = check.step;
    check.back = std::make_shared<const Check>(other);
  }
  return checks;
}

Check copying_input() {
  Check check = standstill(0);
  check.source_distance = 0.05;
  check.source_kid = 0.45, check.source_kid_low = 0.4;
  return check;
}

Verdict verdict_on(const Check& first, const Check& back, const Config& config = both_ways()) {
  return judge_ways(checks_of(first, back), {}, config, Texts::in("en"));
}

TEST(WaysTest, TheWorseWayLeadsAndIsNamed) {
  const auto back_is_sick = verdict_on(settled(0), copying_input());
  EXPECT_EQ(back_is_sick.state, State::copies_input);
  EXPECT_EQ(back_is_sick.way, "b2a");
  EXPECT_TRUE(back_is_sick.sentence.starts_with("b2a: The generator gives back its input")) << back_is_sick.sentence;
  EXPECT_EQ(verdict_on(copying_input(), settled(0)).way, "a2b");
  auto config = both_ways();
  config.pairs.direction = "b2a";
  EXPECT_EQ(verdict_on(copying_input(), settled(0), config).way, "b2a");
}

TEST(WaysTest, BothConditionsMustHoldOnBothSides) {
  EXPECT_EQ(verdict_on(settled(0), settled(0)).state, State::converged);
  EXPECT_EQ(verdict_on(settled(0), healthy(0)).state, State::healthy_duel);
  EXPECT_EQ(verdict_on(healthy(0), settled(0)).state, State::healthy_duel);
}

TEST(WaysTest, WhatIsWrongTheOtherWayStandsBesideIt) {
  auto overfit = standstill(0);
  overfit.auc_training = 0.99, overfit.memorising = 0.9, overfit.memorising_z = 5;
  const auto verdict = verdict_on(copying_input(), overfit);
  EXPECT_EQ(verdict.state, State::discriminator_overfitting);
  EXPECT_EQ(verdict.also.front(), State::stalled);
  EXPECT_EQ(std::count(verdict.also.begin(), verdict.also.end(), State::copies_input), 1);
  for (const State state : verdict.also) EXPECT_TRUE(is_sick(state));
}

TEST(WaysTest, OneWayHasNoName) {
  const auto verdict = judge_ways(repeated(healthy(0), 8), {}, Config{}, Texts::in("en"));
  EXPECT_EQ(verdict.state, State::healthy_duel);
  EXPECT_EQ(verdict.way, "");
  EXPECT_FALSE(goes_both_ways(Config{}));
  EXPECT_FALSE(goes_both_ways(Config::from_recipe("cut")));
  EXPECT_TRUE(goes_both_ways(both_ways()));
}

TEST(WaysTest, AChecksLineHoldsBothWays) {
  const auto checks = checks_of(healthy(0), settled(0));
  const auto read = check_from_json(to_json(checks.front()));
  ASSERT_TRUE(read.back);
  EXPECT_EQ(read.auc_unseen, 0.8);
  EXPECT_EQ(read.back->auc_unseen, 0.5);
  EXPECT_FALSE(check_from_json(to_json(healthy(0))).back);
  // An earlier version's checks had one way.
  auto mixed = checks;
  mixed.front().back.reset();
  EXPECT_TRUE(way_back(mixed).empty());
}

TEST(WaysTest, AVerdictsLineNamesItsWay) {
  const auto verdict = verdict_on(settled(0), copying_input());
  EXPECT_EQ(verdict_in(to_json(verdict))->way, "b2a");
  EXPECT_EQ(to_json(verdict_on(settled(0), settled(0))).find("\"b2a\""), std::string::npos);
}

TEST(WaysTest, AnAttemptKeepsTheWayThatItIsAgainst) {
  RefereeOptions options;
  options.attempts = 3;
  Mender mender(options);
  const auto sick = verdict_on(settled(0), copying_input());
  EXPECT_EQ(mender.way(sick), "b2a");
  ASSERT_TRUE(mender.decide(sick, both_ways(), {}, {}));
  const auto other = verdict_on(copying_input(), settled(0));
  EXPECT_EQ(mender.way(other), "b2a");
  Mender resumed(options);
  resumed.restore(mender.state());
  EXPECT_EQ(resumed.way(other), "b2a");
}

}  // namespace
}  // namespace forger
