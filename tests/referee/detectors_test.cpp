#include "referee/detectors.h"

#include <gtest/gtest.h>

#include <cmath>

#include "referee/checks.h"

namespace forger {
namespace {

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

/// Checks of a game without a discriminator, whose images have truths: how near they come to these, and the sources.
std::vector<Check> with_truths(const std::vector<double>& made_db, double source_db) {
  std::vector<Check> checks;
  for (const double db : made_db) {
    Check check;
    check.step = 500 * static_cast<int64_t>(checks.size() + 1);
    check.imitates_data = false;
    check.truth_psnr_db = db;
    check.source_psnr_db = source_db;
    checks.push_back(check);
  }
  return checks;
}

TEST(DetectorsTest, ImagesOfNoColoursAreDivergenceAlsoWhereNothingElseIsJudged) {
  const auto found = find_states(with_truths({26, -33}, 25), {});
  EXPECT_EQ(found.front().state, State::diverged);
  EXPECT_EQ(found.front().since_step, 1000);
}

TEST(DetectorsTest, ImagesFarWorseThanTheirSourcesTwiceAreDivergence) {
  const auto found = find_states(with_truths({26, 4, 8}, 25), {});
  EXPECT_EQ(found.front().state, State::diverged);
  EXPECT_EQ(found.front().since_step, 1000);
  EXPECT_EQ(state_after(with_truths({26, 4}, 25)), State::not_judged);
  EXPECT_EQ(state_after(with_truths({4, 5, 26}, 25)), State::not_judged);
  // Of edges a photograph is made, whose source is as far as can be.
  EXPECT_EQ(state_after(with_truths({11, 12, 12}, 5)), State::not_judged);
  EXPECT_EQ(state_after(with_truths({std::nan(""), std::nan("")}, std::nan(""))), State::not_judged);
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

TEST(DetectorsTest, WhoDrawsOtherFewKindsEachTimeCyclesThoughMostAreAlwaysMissing) {
  auto checks = repeated(standstill(0), 12);
  for (size_t i = 0; i < checks.size(); ++i) {
    checks[i].kinds = 10;
    checks[i].missing_kinds = i % 2 == 0 ? std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6, 7}
                                         : std::vector<int64_t>{0, 1, 2, 3, 4, 5, 8, 9};  // six of ten are the same
    checks[i].movement = 0.9;
  }
  EXPECT_EQ(state_after(checks), State::cycling);
  // Where no earlier fakes were told apart, nothing is known of forgetting; beyond noise, to come nearer is chance.
  for (Check& check : checks)
    check.kid = 2 * check.kid_noise, check.improvement_p = 0.01, check.remembered_auc = kUnknown;
  EXPECT_EQ(state_after(checks), State::cycling);
  EXPECT_NE(state_after({checks.begin(), checks.begin() + 7}), State::cycling);  // a young generator on its way
  for (Check& check : checks) check.missing_kinds = checks[0].missing_kinds;
  EXPECT_NE(state_after(checks), State::cycling);
}

TEST(DetectorsTest, ComingToLieWhereTheDataIsDenseIsProgress) {
  auto check = settled(0);
  check.auc_unseen = 0.7, check.auc_unseen_low = 0.68, check.auc_unseen_high = 0.72;
  auto checks = repeated(check, 8);
  const double chance[] = {0.01, -0.02, 0.02, -0.01, 0, 0.01, -0.01, 0};
  for (size_t i = 0; i < checks.size(); ++i) checks[i].density = 0.8 + chance[i];
  EXPECT_EQ(state_after(checks), State::good_plateau);
  for (size_t i = 0; i < checks.size(); ++i) checks[i].density += 0.02 * static_cast<double>(i);
  EXPECT_EQ(state_after(checks), State::healthy_duel);
  // Denser than the data is no aim.
  for (Check& dense : checks) dense.density += 0.4;
  EXPECT_EQ(state_after(checks), State::good_plateau);
}

TEST(DetectorsTest, WhereManyBinsStarveAFewChange) {
  auto check = standstill(0);
  check.coverage = 0.3;
  auto checks = repeated(check, 8);
  const auto starve = [&](int64_t kept, int64_t changing) {
    for (size_t i = 0; i < checks.size(); ++i) {
      checks[i].starved_bins.clear();
      for (int64_t bin = 0; bin < kept; ++bin) checks[i].starved_bins.push_back(bin);
      for (int64_t bin = 0; bin < changing; ++bin) {
        checks[i].starved_bins.push_back(20 + static_cast<int64_t>(i % 2) * changing + bin);
      }
    }
  };
  starve(8, 6);  // 8 of 20 in both
  EXPECT_EQ(state_after(checks), State::partial_collapse);
  starve(4, 3);  // 4 of 10, of fewer bins
  EXPECT_NE(state_after(checks), State::partial_collapse);
}

TEST(DetectorsTest, SteepSlopesBeforeNoiseAreDivergenceOnlyOnceWeightsHaveMoved) {
  auto checks = repeated(healthy(0), 8);
  for (Check& check : checks) {
    check.slope_ratio = 13;
    check.kid = check.kid_noise;
    check.weight_growth = 1.0009;  // 20 steps of dcgan, whose generator still makes noise
  }
  EXPECT_NE(state_after(checks), State::diverged);
  for (Check& check : checks) check.weight_growth = 1.2;
  EXPECT_EQ(state_after(checks), State::diverged);
}

TEST(DetectorsTest, SamplesFarOutsideOfTheDatasRangeHaveDiverged) {
  auto checks = repeated(healthy(0), 8);
  for (Check& check : checks) check.reach = 5;
  EXPECT_NE(state_after(checks), State::diverged);
  for (Check& check : checks) check.reach = 40;
  EXPECT_EQ(state_after(checks), State::diverged);
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
