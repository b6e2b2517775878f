#include "referee/detectors.h"

#include <gtest/gtest.h>

#include <cmath>

namespace forger {
namespace {

/// A game in which both sides grow and samples come nearer.
Check healthy(int64_t step) {
  Check check;
  check.step = step;
  check.unseen = 1000;
  check.features_work = true;
  check.update_ratio = 1e-3;
  check.weight_growth = 1.2;
  check.slope_ratio = 1.1;
  check.auc_unseen = 0.8, check.auc_unseen_low = 0.78, check.auc_unseen_high = 0.82;
  check.auc_training = 0.81, check.auc_training_low = 0.79, check.auc_training_high = 0.83;
  check.answers_distance = 0.5, check.answers_limit = 0.06;
  check.memorising = 0.02, check.memorising_z = 1;
  check.fresh_critic = 0.9, check.fresh_critic_low = 0.89, check.fresh_critic_high = 0.91;
  check.signal_at_logits = 0.6, check.signal_at_images = 0.1;
  check.rival_auc = 0.8, check.new_critic_auc = 0.9, check.new_fakes_auc = 0.7, check.remembered_auc = 0.85;
  check.kid = 0.4, check.kid_low = 0.35, check.kid_high = 0.45;
  check.kid_baseline = 0.001, check.kid_mild = 0.05, check.kid_noise = 5;
  check.improvement_p = 0.01;
  check.coverage = 0.6, check.coverage_baseline = 0.95, check.density = 0.5;
  check.bins = 50, check.bins_different = 0.5, check.bins_limit = 0.15;
  check.diversity = 0.8, check.raw_diversity = 0.8, check.spread = 0.9, check.movement = 0.02;
  check.copying_z = 1, check.nearer_share = -0.2, check.known_nearest = 0.5, check.known_nearest_z = 0;
  return check;
}

/// Samples like unseen data, and a discriminator that guesses.
Check settled(int64_t step) {
  Check check = healthy(step);
  check.auc_unseen = 0.5, check.auc_unseen_low = 0.48, check.auc_unseen_high = 0.52;
  check.auc_training = 0.5, check.auc_training_low = 0.48, check.auc_training_high = 0.52;
  check.answers_distance = 0.03;
  check.fresh_critic = 0.51, check.fresh_critic_low = 0.49, check.fresh_critic_high = 0.53;
  check.kid = 0.002, check.kid_low = -0.003, check.kid_high = 0.008;
  check.improvement_p = 0.5;
  check.coverage = 0.94, check.density = 0.98;
  check.bins_different = 0.06;
  check.diversity = 0.97;
  check.rival_auc = check.new_critic_auc = check.new_fakes_auc = 0.5;
  return check;
}

/// Nobody gets anywhere, as far as distances and cross-play tell.
Check standstill(int64_t step) {
  Check check = healthy(step);
  check.improvement_p = 0.5;
  check.rival_auc = check.new_critic_auc = check.new_fakes_auc = 0.8;
  return check;
}

std::vector<Check> repeated(const Check& check, size_t count) {
  std::vector<Check> checks(count, check);
  for (size_t i = 0; i < count; ++i) checks[i].step = static_cast<int64_t>(1000 + 500 * i);
  return checks;
}

State state_after(const std::vector<Check>& checks, Situation situation = {}) {
  return find_states(checks, situation).front().state;
}

TEST(DetectorsTest, FirstChecksAreTooEarly) { EXPECT_EQ(state_after(repeated(healthy(0), 4)), State::warming_up); }

TEST(DetectorsTest, NothingMeasuredIsUndecided) { EXPECT_EQ(state_after(repeated(Check{}, 8)), State::undecided); }

TEST(DetectorsTest, GrowingSidesAreAHealthyDuel) {
  EXPECT_EQ(state_after(repeated(healthy(0), 8)), State::healthy_duel);
}

TEST(DetectorsTest, WhatIsFartherThanNoiseIsNoHealthyDuel) {
  auto checks = repeated(healthy(0), 8);
  checks.back().kid = 2 * checks.back().kid_noise;
  EXPECT_EQ(state_after(checks), State::undecided);
}

TEST(DetectorsTest, OnlyNearlyTheBestSamplesAreWorthGoingBackTo) {
  auto checks = repeated(healthy(0), 8);
  EXPECT_TRUE(worth_going_back_to(checks, {}));
  checks.back().kid_high = 5 * checks.front().kid_high;
  EXPECT_FALSE(worth_going_back_to(checks, {}));
  EXPECT_FALSE(worth_going_back_to({}, {}));
}

TEST(DetectorsTest, NonFiniteCheckIsDivergenceAtOnceAndEarly) {
  auto checks = repeated(healthy(0), 3);
  checks.back().finite = false;
  const auto found = find_states(checks, {});
  EXPECT_EQ(found.front().state, State::diverged);
  EXPECT_EQ(found.front().since_step, 2000);
}

TEST(DetectorsTest, ConvergenceNeedsFourChecksInARow) {
  auto checks = repeated(settled(0), 7);
  EXPECT_EQ(state_after(checks), State::converged);
  checks[5].auc_unseen_high = 0.6;
  EXPECT_NE(state_after(checks), State::converged);
}

TEST(DetectorsTest, NotRejectedIsNotConverged) {
  auto check = settled(0);
  check.auc_unseen_low = 0.4, check.auc_unseen_high = 0.6;  // too few images to tell: no proof of equality
  EXPECT_NE(state_after(repeated(check, 8)), State::converged);
}

TEST(DetectorsTest, FewHeldOutImagesNeverConverge) {
  auto check = settled(0);
  check.unseen = 200;
  const auto state = state_after(repeated(check, 8));
  EXPECT_NE(state, State::converged);
  EXPECT_NE(state, State::good_plateau);
}

TEST(DetectorsTest, FeaturesThatFailTheirSelfTestNeverConverge) {
  auto check = settled(0);
  check.features_work = false;
  EXPECT_NE(state_after(repeated(check, 8)), State::converged);
}

TEST(DetectorsTest, GuessingDiscriminatorThatAFreshOneBeatsIsTooWeak) {
  auto check = healthy(0);
  check.auc_unseen = 0.52;
  check.improvement_p = 0.5;
  EXPECT_EQ(state_after(repeated(check, 8)), State::discriminator_too_weak);
}

TEST(DetectorsTest, ADiscriminatorThatGrowsAloneAgainstUnchangedSamplesIsNoProgress) {
  auto check = healthy(0);
  check.improvement_p = 0.5;
  check.new_fakes_auc = check.rival_auc;
  check.movement = 0.003, check.movement_baseline = 0.005;
  EXPECT_EQ(state_after(repeated(check, 8)), State::stalled);
  check.movement = 0.05;  // what is drawn changes: too early to say
  EXPECT_EQ(state_after(repeated(check, 8)), State::undecided);
}

TEST(DetectorsTest, WhereNobodyMovesNothingButStallingIsSaid) {
  auto check = healthy(0);
  check.auc_unseen = 0.52;
  check.improvement_p = 0.5;
  check.rival_auc = check.new_critic_auc = check.new_fakes_auc = 0.52;
  check.update_ratio = 1e-8;
  EXPECT_EQ(state_after(repeated(check, 8)), State::stalled);
}

/// Who moves by so much at each turn, at a rate that is far below the usual.
Check moving(Check check, double generator, double discriminator) {
  check.updates = {{"generator", generator}, {"discriminator", discriminator}};
  check.rates = {{"generator", 1e-7}, {"discriminator", 1e-7}};
  check.gradients = {{"generator", 0.1}, {"discriminator", 2}};
  return check;
}

const Situation kSlow = [] {
  Situation situation;
  situation.slow_rates = {{"generator", 1e-7}, {"discriminator", 1e-7}};
  return situation;
}();

TEST(DetectorsTest, APlayerThatStandsStillIsSaidBeforeWhatTheOtherMakesOfIt) {
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

TEST(DetectorsTest, APlayerMayStandStillSinceAStep) {
  auto checks = repeated(moving(healthy(0), 1e-3, 1e-3), 8);
  for (size_t i = 5; i < 8; ++i) checks[i] = moving(healthy(checks[i].step), 1e-3, 1e-8);
  const auto found = find_states(checks, kSlow);
  EXPECT_EQ(found.front().state, State::standing_still);
  EXPECT_EQ(found.front().since_step, checks[5].step);
}

TEST(DetectorsTest, TheEndOfAScheduleIsNoStandstill) {
  auto check = moving(settled(0), 1e-9, 1e-9);
  check.rates = {{"generator", 1e-12}, {"discriminator", 1e-12}};  // of 1e-7, at which they would move
  EXPECT_TRUE(standing_players(check, kSlow).empty());
}

TEST(DetectorsTest, WithoutAGradientTheRateIsNotToBlame) {
  auto check = moving(healthy(0), 1e-9, 1e-3);
  check.gradients["generator"] = 1e-9;
  EXPECT_TRUE(standing_players(check, kSlow).empty());
}

TEST(DetectorsTest, PlayersOfUsualRatesAreNotSaidToStandStill) {
  EXPECT_TRUE(standing_players(moving(healthy(0), 1e-9, 1e-9), {}).empty());
}

/// A check and four looks at a later moment.
std::vector<Check> looks_after(const Check& earlier, const Check& look) {
  std::vector<Check> checks(5, look);
  checks[0] = earlier;
  checks[0].step = 500;
  for (size_t i = 1; i < 5; ++i) checks[i].step = 1000;
  return checks;
}

TEST(DetectorsTest, LooksAtOneMomentStandForTheChecksThatAreMissing) {
  const auto duel = find_states(looks_after(healthy(0), healthy(0)), {});
  EXPECT_EQ(duel.front().state, State::healthy_duel);
  EXPECT_EQ(duel.front().since_step, 500);
  EXPECT_EQ(state_after(looks_after(healthy(0), settled(0))), State::converged);
  const auto found = find_states(looks_after(healthy(0), standstill(0)), {});
  EXPECT_EQ(found.front().state, State::stalled);
  EXPECT_EQ(found.front().since_step, 500);
}

TEST(DetectorsTest, OneMovementSeenInSeveralLooksIsNoCycle) {
  auto earlier = healthy(0), look = healthy(0);
  earlier.diversity = earlier.raw_diversity = look.diversity = look.raw_diversity = 0.05;
  earlier.movement = kUnknown;  // the first one
  look.movement = 0.9;
  EXPECT_EQ(state_after(looks_after(earlier, look)), State::full_collapse);
}

TEST(DetectorsTest, ATrainingThatIsYoungIsTooEarlyHoweverManyChecksThereAre) {
  Situation situation;
  situation.young = true;
  EXPECT_EQ(state_after(repeated(healthy(0), 8), situation), State::warming_up);
}

TEST(DetectorsTest, MatchingSamplesWithADiscriminatorThatSpotsTracesAreAPlateau) {
  auto check = settled(0);
  check.auc_unseen = 0.7, check.auc_unseen_low = 0.68, check.auc_unseen_high = 0.72;
  EXPECT_EQ(state_after(repeated(check, 8)), State::good_plateau);
}

TEST(DetectorsTest, AStallTakesFourOfFiveChecks) {
  auto checks = repeated(healthy(0), 5);
  for (const size_t stalled : {1, 2, 3}) {
    checks.push_back(standstill(3500 + 500 * static_cast<int64_t>(stalled)));
    EXPECT_NE(state_after(checks), State::stalled) << stalled;
  }
  checks.push_back(standstill(5500));
  EXPECT_EQ(state_after(checks), State::stalled);
}

TEST(DetectorsTest, CoveringMoreOfTheDataIsProgress) {
  auto checks = repeated(standstill(0), 10);
  for (size_t i = 0; i < checks.size(); ++i) checks[i].coverage = 0.4 + 0.03 * static_cast<double>(i);
  EXPECT_NE(state_after(checks), State::stalled);
  for (size_t i = 0; i < checks.size(); ++i) checks[i].coverage = 0.4 + 0.03 * static_cast<double>(i % 2);  // chance
  EXPECT_EQ(state_after(checks), State::stalled);
  // Of a tenth, the next samples may lie near twice as many images, or half.
  for (size_t i = 0; i < checks.size(); ++i) checks[i].coverage = 0.02 + 0.01 * static_cast<double>(i);
  EXPECT_EQ(state_after(checks), State::stalled);
}

TEST(DetectorsTest, SamplesNearTheDataThatMostlyLieBesideItAreNoPlateau) {
  auto check = settled(0);
  check.auc_unseen = 0.7, check.auc_unseen_low = 0.68, check.auc_unseen_high = 0.72;
  check.kid_high = 4 * check.kid_mild;
  EXPECT_EQ(state_after(repeated(check, 8)), State::good_plateau);
  check.density = 0.5;
  EXPECT_EQ(state_after(repeated(check, 8)), State::stalled);
}

TEST(DetectorsTest, OneImageForAllNoiseIsFullCollapseAfterTwoChecks) {
  auto checks = repeated(healthy(0), 8);
  for (size_t i = 6; i < 8; ++i) checks[i].diversity = checks[i].raw_diversity = 0.01;
  const auto found = find_states(checks, {});
  EXPECT_EQ(found.front().state, State::full_collapse);
  EXPECT_EQ(found.front().since_step, checks[6].step);
}

TEST(DetectorsTest, SameMissingBinsArePartialCollapse) {
  auto check = healthy(0);
  check.starved_bins = check.missing_kinds = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  check.coverage = 0.4;
  check.density = 0.9;
  EXPECT_EQ(state_after(repeated(check, 8)), State::healthy_duel);  // it still gains
  check.improvement_p = 0.5;
  EXPECT_EQ(state_after(repeated(check, 8)), State::partial_collapse);
}

TEST(DetectorsTest, RepeatedTrainingImagesAreCopiesHoweverFewOfThemAreKnown) {
  Check check = settled(0);
  check.repeated = 0.4;
  EXPECT_NE(state_after(repeated(check, 8)), State::copying);
  check.repeated = 0.8;
  EXPECT_EQ(state_after(repeated(check, 8)), State::copying);
}

TEST(DetectorsTest, GoodSamplesThatLeaveOutAKindOrTwoOfFiftyAreAPartialCollapse) {
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

TEST(DetectorsTest, ChangingMissingBinsAreCycling) {
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

TEST(DetectorsTest, HoppingBetweenKindsIsCyclingThoughItComesBackToTheSameNowAndThen) {
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

TEST(DetectorsTest, OneKindEachTimeAndAlwaysAnotherIsCyclingNotFullCollapse) {
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

TEST(DetectorsTest, SureDiscriminatorWithoutSlopeStarvesTheGenerator) {
  auto check = healthy(0);
  check.auc_unseen = 0.999;
  check.signal_at_logits = 0.001;
  check.improvement_p = 0.6;
  EXPECT_EQ(state_after(repeated(check, 8)), State::generator_starved);
}

TEST(DetectorsTest, SureDiscriminatorIsTooStrongUnlessItIsAWassersteinCritic) {
  auto check = healthy(0);
  check.auc_unseen = check.rival_auc = check.new_fakes_auc = check.new_critic_auc = 0.999;
  check.improvement_p = 0.6;
  EXPECT_EQ(state_after(repeated(check, 8)), State::discriminator_too_strong);
  Situation critic;
  critic.wasserstein = true;
  EXPECT_EQ(state_after(repeated(check, 8), critic), State::stalled);
}

TEST(DetectorsTest, ACheckWithoutAnEarlierPlayerDoesNotShowATooStrongDiscriminator) {
  auto checks = repeated(healthy(0), 8);
  for (size_t i = 5; i < checks.size(); ++i) checks[i].auc_unseen = checks[i].improvement_p = 0.999;
  for (const size_t i : {6, 7}) checks[i].rival_auc = checks[i].new_fakes_auc = checks[i].new_critic_auc = 0.999;
  checks[5].rival_auc = checks[5].new_fakes_auc = checks[5].new_critic_auc =
      std::nan("");  // the first of a resumed training
  EXPECT_NE(state_after(checks), State::discriminator_too_strong);
  checks[5].rival_auc = checks[5].new_fakes_auc = checks[5].new_critic_auc = 0.999;
  EXPECT_EQ(state_after(checks), State::discriminator_too_strong);
}

TEST(DetectorsTest, KnowingTrainingImagesByHeartIsOverfitting) {
  auto check = healthy(0);
  check.auc_training = 0.99, check.auc_training_low = 0.985;
  check.memorising = 0.8;
  check.memorising_z = 20;
  EXPECT_EQ(state_after(repeated(check, 8)), State::discriminator_overfitting);
  check.memorising_z = 1.5;  // of a handful of unseen images, as many rank low by chance
  EXPECT_NE(state_after(repeated(check, 8)), State::discriminator_overfitting);
}

TEST(DetectorsTest, NearerToTrainingThanUnseenRealsIsCopying) {
  auto check = healthy(0);
  check.copying_z = -8;
  check.known_nearest_z = 9;
  EXPECT_EQ(state_after(repeated(check, 8)), State::copying);
  check.known_nearest_z = 0;  // near to everything: blurred, not copied
  EXPECT_NE(state_after(repeated(check, 8)), State::copying);
}

TEST(DetectorsTest, AStateIsLeftAfterTwoChecksWithoutIt) {
  auto weak = healthy(0);
  weak.auc_unseen = 0.52;
  weak.improvement_p = 0.5;
  auto checks = repeated(weak, 8);
  checks[7] = healthy(4500);
  EXPECT_EQ(state_after(checks), State::discriminator_too_weak);
  checks.push_back(healthy(5000));
  EXPECT_EQ(state_after(checks), State::healthy_duel);
}

TEST(DetectorsTest, WhereFakesAreForgottenToComeNearerThanBadIsChance) {
  auto check = healthy(0);
  check.kid = 2 * check.kid_noise;
  check.movement = 0.8;
  check.remembered_auc = 0.3;
  EXPECT_EQ(state_after(repeated(check, 8)), State::cycling);
  check.remembered_auc = 0.9;  // a young generator on its way
  EXPECT_NE(state_after(repeated(check, 8)), State::cycling);
}

TEST(DetectorsTest, NoisySamplesAloneAreNotTakenForACollapse) {
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

TEST(DetectorsTest, FurtherStatesAreListedBehindTheLeadingOne) {
  auto check = healthy(0);
  check.diversity = check.raw_diversity = 0.01;
  const auto found = find_states(repeated(check, 8), {});
  ASSERT_GE(found.size(), 2u);
  EXPECT_EQ(found[0].state, State::full_collapse);
  EXPECT_EQ(found[1].state, State::partial_collapse);  // little variety is that too
  // Both sides still grow, but a sick duel is not called healthy.
  for (const Finding& finding : found) EXPECT_NE(finding.state, State::healthy_duel);
}

}  // namespace
}  // namespace forger
