#include "referee/mender.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "core/torch.h"
#include "forger/error.h"

namespace forger {
namespace {

Verdict verdict_of(State state) {
  Verdict verdict;
  verdict.state = state;
  return verdict;
}

class MenderTest : public testing::Test {
 protected:
  MenderTest() {
    config_ = Config::from_recipe("gan-saturating");
    config_.referee.mend = true;
    auto random = make_random(1);
    unseen_ = at::empty({400, 8}).normal_(0, 1, random);
    near_ = at::empty({400, 8}).normal_(0, 1, random);
    far_ = at::empty({400, 8}).normal_(3, 1, random);
  }

  Config config_;
  at::Tensor unseen_, near_, far_;
};

TEST_F(MenderTest, LeavesAHealthyGameAlone) {
  Mender mender(config_.referee);
  EXPECT_FALSE(mender.decide(verdict_of(State::healthy_duel), config_, far_, unseen_));
  EXPECT_FALSE(mender.decide(verdict_of(State::warming_up), config_, far_, unseen_));
}

TEST_F(MenderTest, KeepsAChangeThatBringsSamplesNearer) {
  Mender mender(config_.referee);
  const auto order = mender.decide(verdict_of(State::generator_starved), config_, far_, unseen_);
  ASSERT_TRUE(order);
  EXPECT_EQ(order->event.action, "begun");
  EXPECT_NE(order->config, config_);
  EXPECT_TRUE(mender.is_trying());
  for (int check = 0; check < 4; ++check) {
    EXPECT_FALSE(mender.decide(verdict_of(State::warming_up), order->config, near_, unseen_));
    EXPECT_FALSE(mender.take_kept());
  }
  EXPECT_FALSE(mender.decide(verdict_of(State::healthy_duel), order->config, near_, unseen_));
  const auto kept = mender.take_kept();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->action, "kept");
  EXPECT_FALSE(mender.is_trying());
}

TEST_F(MenderTest, GoesOnWhereAStoppedTrainingLeftIt) {
  Mender mender(config_.referee);
  const auto order = mender.decide(verdict_of(State::generator_starved), config_, far_, unseen_);
  ASSERT_TRUE(order);
  Mender resumed(config_.referee);
  resumed.restore(mender.state());
  EXPECT_TRUE(resumed.is_trying());
  // Eight checks that bring nothing nearer: undone, and something else begun from the settings before.
  std::optional<Order> next;
  for (int check = 0; check < 8 && !next; ++check) {
    next = resumed.decide(verdict_of(State::generator_starved), order->config, far_, unseen_);
  }
  ASSERT_TRUE(next);
  EXPECT_EQ(next->event.attempt, 2);
  EXPECT_NE(next->event.remedy.what, order->event.remedy.what);
  Config expected = config_;
  for (const auto& [key, value] : next->event.remedy.settings) expected.set(key, value);
  expected.generator.first_step = next->config.generator.first_step;
  EXPECT_EQ(next->config, expected);
}

TEST_F(MenderTest, NearerThanTheSickOnesIsNotGoodEnoughBeyondNoise) {
  Mender mender(config_.referee);
  const auto order = mender.decide(verdict_of(State::generator_starved), config_, far_, unseen_);
  ASSERT_TRUE(order);
  for (int check = 0; check < 6; ++check) {
    EXPECT_FALSE(mender.decide(verdict_of(State::undecided), order->config, near_, unseen_, /*beyond_noise=*/true));
    EXPECT_FALSE(mender.take_kept());
  }
  EXPECT_FALSE(mender.decide(verdict_of(State::undecided), order->config, near_, unseen_));
  EXPECT_TRUE(mender.take_kept());
}

TEST_F(MenderTest, NewNetworksGetAllChecksAndStayIfTheyAreNearer) {
  config_.generator.latent_size = 1;
  Mender mender(config_.referee);
  const auto order = mender.decide(verdict_of(State::partial_collapse), config_, far_, unseen_);
  ASSERT_TRUE(order);
  ASSERT_TRUE(order->restarts);
  for (int check = 0; check < 7; ++check) {
    // What starts over is farther from the data than what had learnt, for a while.
    EXPECT_FALSE(mender.decide(verdict_of(State::partial_collapse), order->config, far_, unseen_)) << check;
    EXPECT_FALSE(mender.take_kept());
  }
  EXPECT_FALSE(mender.decide(verdict_of(State::partial_collapse), order->config, near_, unseen_));
  EXPECT_TRUE(mender.take_kept());
}

TEST_F(MenderTest, RefusesADamagedState) {
  Mender mender(config_.referee);
  EXPECT_THROW(mender.restore(TensorFile{}), Error);
  TensorFile damaged;
  damaged.metadata["mending"] = "{\"attempts\": 1}";
  EXPECT_THROW(mender.restore(damaged), Error);
}

TEST_F(MenderTest, LetsTheDiscriminatorCatchUpAfterAChangeOfLoss) {
  config_.discriminator.learning_rate = config_.generator.learning_rate;
  config_.discriminator.turns_per_step = 1;
  Mender mender(config_.referee);
  Verdict sick = verdict_of(State::generator_starved);
  sick.step = 1000;
  const auto order = mender.decide(sick, config_, far_, unseen_);
  ASSERT_TRUE(order);
  EXPECT_EQ(order->config.objective.name, "non-saturating");
  EXPECT_EQ(order->config.generator.first_step, 1200);
}

TEST_F(MenderTest, WhatDidNotHelpInAnotherGameMayBeTriedAgain) {
  config_ = Config::from_recipe("r3gan");
  config_.objective.name = "non-saturating";
  config_.generator.learning_rate = 1e-5;
  Mender mender(config_.referee);
  const auto first = mender.decide(verdict_of(State::stalled), config_, far_, unseen_);
  ASSERT_TRUE(first);
  std::optional<Order> second;
  for (int check = 0; check < 8 && !second; ++check) {
    second = mender.decide(verdict_of(State::stalled), first->config, far_, unseen_);
  }
  ASSERT_TRUE(second);
  ASSERT_NE(second->event.remedy.what, first->event.remedy.what);
  for (int check = 0; check < 5; ++check)
    mender.decide(verdict_of(State::healthy_duel), second->config, near_, unseen_);
  ASSERT_TRUE(mender.take_kept());
  const auto third = mender.decide(verdict_of(State::stalled), second->config, far_, unseen_);
  ASSERT_TRUE(third);
  EXPECT_EQ(third->event.remedy.what, first->event.remedy.what);
}

TEST_F(MenderTest, UndoesWhatDoesNotHelpAndTriesThreeTimesAtMost) {
  Mender mender(config_.referee);
  auto order = mender.decide(verdict_of(State::generator_starved), config_, far_, unseen_);
  int begun = 0;
  Config last = config_;
  while (order && order->event.action == "begun") {
    ++begun;
    last = order->config;
    order.reset();
    for (int check = 0; check < 8 && !order; ++check) {
      order = mender.decide(verdict_of(State::generator_starved), last, far_, unseen_);
    }
  }
  EXPECT_EQ(begun, 3);
  ASSERT_TRUE(order);
  EXPECT_EQ(order->event.action, "undone");
  EXPECT_EQ(order->config, config_);
  EXPECT_FALSE(mender.decide(verdict_of(State::generator_starved), config_, far_, unseen_));
}

TEST_F(MenderTest, DivergenceEndsAnAttemptAtOnce) {
  Mender mender(config_.referee);
  const auto first = mender.decide(verdict_of(State::generator_starved), config_, far_, unseen_);
  ASSERT_TRUE(first);
  const auto second = mender.decide(verdict_of(State::diverged), first->config, {}, unseen_);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->event.attempt, 2);
}

}  // namespace
}  // namespace forger
