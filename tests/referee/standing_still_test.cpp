#include <gtest/gtest.h>

#include "referee/checks.h"

namespace forger {
namespace {

/// Who moves by so much at each turn, at a rate that is far below the usual.
Check moving(Check check, double generator, double discriminator) {
  check.updates = {{"generator", generator}, {"discriminator", discriminator}};
  check.rates = {{"generator", 1e-7}, {"discriminator", 1e-7}};
  check.gradients = {{"generator", 0.1}, {"discriminator", 2}};
  return check;
}

const Situation kSlow = [] {
  Situation situation;
  situation.slow_players = {{"generator", {1e-7, 1}}, {"discriminator", {1e-7, 1}}};
  return situation;
}();

TEST(StandingStillTest, APlayerThatStandsStillIsSaidBeforeWhatTheOtherMakesOfIt) {
  auto check = moving(healthy(0), 1e-3, 2e-6);
  check.diversity = check.raw_diversity = 0.01;
  auto checks = repeated(check, 8);
  EXPECT_EQ(standing_players(check, kSlow), std::vector<std::string>{"discriminator"});
  auto found = find_states(checks, kSlow);
  EXPECT_EQ(found.front().state, State::standing_still);
  EXPECT_EQ(found.front().since_step, 1000);
  EXPECT_EQ(found[1].state, State::full_collapse);
  for (auto& apart : checks) apart.spread = 90;  // the generator ran away from a discriminator that never answered
  EXPECT_EQ(state_after(checks, kSlow), State::standing_still);
  EXPECT_EQ(state_after(checks), State::diverged);
}

TEST(StandingStillTest, APlayerMayStandStillSinceAStep) {
  auto checks = repeated(moving(healthy(0), 1e-3, 1e-3), 8);
  for (size_t i = 5; i < 8; ++i) checks[i] = moving(healthy(checks[i].step), 1e-3, 1e-8);
  const auto found = find_states(checks, kSlow);
  EXPECT_EQ(found.front().state, State::standing_still);
  EXPECT_EQ(found.front().since_step, checks[5].step);
}

TEST(StandingStillTest, TheEndOfAScheduleIsNoStandstill) {
  auto check = moving(settled(0), 1e-9, 1e-9);
  check.rates = {{"generator", 1e-12}, {"discriminator", 1e-12}};  // of 1e-7, at which they would move
  EXPECT_TRUE(standing_players(check, kSlow).empty());
}

TEST(StandingStillTest, SeveralTurnsAStepMoveAPlayerFarther) {
  Situation situation = kSlow;
  const auto check = moving(healthy(0), 1e-3, 2e-6);
  EXPECT_EQ(standing_players(check, situation), std::vector<std::string>{"discriminator"});
  situation.slow_players.at("discriminator").turns_per_step = 3;
  EXPECT_TRUE(standing_players(check, situation).empty());
}

TEST(StandingStillTest, WithoutAGradientTheRateIsNotToBlame) {
  auto check = moving(healthy(0), 1e-9, 1e-3);
  check.gradients["generator"] = 1e-9;
  EXPECT_TRUE(standing_players(check, kSlow).empty());
}

TEST(StandingStillTest, PlayersOfUsualRatesAreNotSaidToStandStill) {
  EXPECT_TRUE(standing_players(moving(healthy(0), 1e-9, 1e-9), {}).empty());
}

/// A check and four looks at a later moment.

}  // namespace
}  // namespace forger
