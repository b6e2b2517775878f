#include "referee/translation_states.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "config/game_table.h"
#include "referee/checks.h"
#include "referee/remedies.h"
#include "referee/verdict.h"

namespace forger {
namespace {

/// A translation without progress whose images follow their sources.
Check translated() {
  Check check = standstill(0);
  check.source_distance = 1;
  check.source_kid = 2, check.source_kid_low = 1.9;
  check.source_effect = 0.9;
  check.color_variety = 0.9;
  check.light_agreement = 0.6, check.negative_kid = 3;
  return check;
}

Check translated_with_truths() {
  Check check = translated();
  check.truth_distance = 0.3;
  return check;
}

bool says(State state, const Check& check) {
  const auto findings = find_states(repeated(check, 8), {});
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& found) { return found.state == state; });
}

bool says_anything(const Check& check) {
  return says(State::copies_input, check) || says(State::ignores_input, check) || says(State::wrong_colors, check);
}

TEST(TranslationStatesTest, OfATranslationThatFollowsItsSourceNothingIsSaid) {
  EXPECT_FALSE(says_anything(translated()));
  EXPECT_FALSE(says_anything(translated_with_truths()));
  EXPECT_FALSE(says_anything(standstill(0))) << "games that do not translate";
}

TEST(TranslationStatesTest, ACopyOfItsInputThatIsNoNearerToTheTruthIsSaid) {
  auto check = translated_with_truths();
  check.source_distance = 0.05;
  check.truth_distance = 0.98;
  EXPECT_EQ(state_after(repeated(check, 8)), State::copies_input);
  check.truth_distance = 0.8;
  EXPECT_FALSE(says(State::copies_input, check)) << "nearer to the truth";
}

TEST(TranslationStatesTest, WithoutTruthsACopyIsSaidWhereTheKindsDiffer) {
  auto check = translated();
  check.source_distance = 0.05;
  check.kid = 1.95;
  EXPECT_EQ(state_after(repeated(check, 8)), State::copies_input);
  auto nearer = check;
  nearer.kid = 1;
  EXPECT_FALSE(says(State::copies_input, nearer)) << "half-way to the other kind with few changes";
  auto alike = check;
  alike.source_kid = 0.06, alike.source_kid_low = 0.04, alike.kid = 0.06;
  EXPECT_FALSE(says(State::copies_input, alike)) << "the right image is near its source";
  auto improving = check;
  improving.improvement_p = 0.001;
  EXPECT_FALSE(says(State::copies_input, improving)) << "on its way from its source";
  improving.kid = 2.1;
  EXPECT_TRUE(says(State::copies_input, improving)) << "on its way to its source";
}

TEST(TranslationStatesTest, WhatHardlyFollowsItsSourceLeadsTheSamenessThatItShows) {
  auto check = translated();
  check.source_effect = 0.01;
  check.spread = 0.01;
  check.diversity = check.raw_diversity = 0.01;
  const auto findings = find_states(repeated(check, 8), {});
  ASSERT_GE(findings.size(), 2U);
  EXPECT_EQ(findings[0].state, State::ignores_input);
  EXPECT_EQ(findings[1].state, State::full_collapse);
}

TEST(TranslationStatesTest, OneImageForAllAndAlwaysAnotherLeadsTheHopping) {
  auto check = translated();
  check.source_effect = 0.01;
  check.diversity = check.raw_diversity = 0.01;
  check.movement = 0.9;
  const auto findings = find_states(repeated(check, 8), {});
  ASSERT_GE(findings.size(), 2U);
  EXPECT_EQ(findings[0].state, State::ignores_input);
  EXPECT_EQ(findings[1].state, State::cycling);
}

TEST(TranslationStatesTest, SoIsWhatIsNoNearerToItsOwnTruthThanToOthers) {
  auto check = translated_with_truths();
  check.own_truth = 0.5, check.own_truth_high = 0.526;
  EXPECT_EQ(state_after(repeated(check, 8)), State::ignores_input);
  check.own_truth = 0.6, check.own_truth_high = 0.626;
  EXPECT_FALSE(says_anything(check));
  check.own_truth = 0.5, check.own_truth_high = 0.62;
  EXPECT_FALSE(says_anything(check)) << "too few images to tell";
}

TEST(TranslationStatesTest, AGeneratorThatIsTaughtNothingHasThatCause) {
  auto check = translated();
  check.source_effect = 0.01;
  check.auc_unseen = 1;
  check.signal_at_logits = 0.001;
  EXPECT_FALSE(says_anything(check));
  EXPECT_TRUE(says(State::generator_starved, check));
}

TEST(TranslationStatesTest, WhatVariesAsItsSourcesDoHasNotCollapsed) {
  auto check = translated();
  check.diversity = check.raw_diversity = 0.4;
  check.starved_bins = check.missing_kinds = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  check.coverage = 0.4;
  EXPECT_FALSE(says(State::partial_collapse, check));
  check.source_effect = 0.4;
  EXPECT_TRUE(says(State::partial_collapse, check));
}

TEST(TranslationStatesTest, ColoursThatHardlyVaryAreSaidUnlessAllIsNoise) {
  auto check = translated();
  check.color_variety = 0.1;
  EXPECT_EQ(state_after(repeated(check, 8)), State::wrong_colors);
  auto growing = repeated(check, 8);
  for (size_t i = 0; i < growing.size(); ++i) growing[i].color_variety = 0.02 + 0.01 * static_cast<double>(i);
  EXPECT_NE(state_after(growing), State::wrong_colors);
  for (size_t i = 0; i < growing.size(); ++i) growing[i].color_variety = 0.03 + 0.003 * static_cast<double>(i);
  EXPECT_EQ(state_after(growing), State::wrong_colors) << "it would take hundreds of checks";
  // The samples may come nearer to the data by all but their colours.
  check.improvement_p = 0.001;
  EXPECT_TRUE(says(State::wrong_colors, check));
  check.kid = 4;
  EXPECT_TRUE(says(State::wrong_colors, check)) << "grey, which lies as far as noise";
  check.source_effect = 0.3;
  EXPECT_FALSE(says(State::wrong_colors, check)) << "of noise";
}

TEST(TranslationStatesTest, InvertedLightIsSaidWhereTheNegativeIsRight) {
  auto check = translated();
  check.light_agreement = -0.7;
  EXPECT_FALSE(says(State::wrong_colors, check)) << "a game whose right answer is inverted";
  check.negative_kid = 0.1;
  EXPECT_EQ(state_after(repeated(check, 8)), State::wrong_colors);
  check.light_agreement = 0.7;
  EXPECT_FALSE(says(State::wrong_colors, check)) << "too dark, but not inverted";
}

TEST(TranslationStatesTest, SentencesNameWhatShowsTheState) {
  for (const auto& language : Texts::languages()) {
    const auto sentence = [&](State state, const Check& check) {
      const auto verdict = make_verdict({{state, 500}}, {check}, Config{}, Limits{}, Texts::in(language));
      EXPECT_FALSE(verdict.evidence.empty());
      EXPECT_EQ(verdict.sentence.find('{'), std::string::npos) << verdict.sentence;
      return verdict.sentence;
    };
    auto check = translated_with_truths();
    check.source_distance = 0.07;
    check.source_effect = 0.04;
    check.color_variety = 0.11;
    EXPECT_NE(sentence(State::copies_input, check).find("7 %"), std::string::npos);
    EXPECT_NE(sentence(State::copies_input, check), sentence(State::copies_input, translated()));
    EXPECT_NE(sentence(State::ignores_input, check).find("4 %"), std::string::npos);
    check.own_truth = 0.51, check.own_truth_high = 0.53;
    EXPECT_NE(sentence(State::ignores_input, check).find("51 %"), std::string::npos);
    EXPECT_NE(sentence(State::wrong_colors, check).find("11 %"), std::string::npos);
    check.light_agreement = -1, check.negative_kid = 0.125;
    EXPECT_NE(sentence(State::wrong_colors, check).find("0.125"), std::string::npos);
  }
}

using Remedied = std::vector<std::pair<std::string, std::string>>;

/// All that automatic remedies change, in their order, up to the first of several settings.
Remedied first_changes(State state, const Config& config, size_t count) {
  Remedied changes;
  for (const auto& remedy : remedies_for(state, 0, config, Texts::in("en"))) {
    if (remedy.automatic && changes.size() < count) changes.push_back(remedy.settings.front());
  }
  return changes;
}

TEST(TranslationStatesTest, ACopyIsMendedByLessIdentityAndAStrongerAdversary) {
  EXPECT_EQ(first_changes(State::copies_input, Config::from_recipe("cyclegan"), 2),
            (Remedied{{"cycle.identity", "0"}, {"cycle.adversary", "4"}}));
  auto faint = Config::from_recipe("cyclegan");
  faint.cycle.identity = 0;
  faint.cycle.adversary = 0.01;
  EXPECT_EQ(first_changes(State::copies_input, faint, 1), (Remedied{{"cycle.adversary", "1"}}));
  EXPECT_EQ(first_changes(State::copies_input, Config::from_recipe("cut"), 2),
            (Remedied{{"contrast.identity", "0"}, {"contrast.adversary", "4"}}));
  EXPECT_EQ(first_changes(State::copies_input, Config::from_recipe("pix2pix"), 2),
            (Remedied{{"translation.adversary", "4"}}));
}

TEST(TranslationStatesTest, AnIgnoredInputIsMendedByWhatTiesImagesToIt) {
  auto config = Config::from_recipe("pix2pix");
  EXPECT_EQ(first_changes(State::ignores_input, config, 2),
            (Remedied{{"translation.pixels", "400"}, {"translator.dropout", "0"}}));
  config.translation.pixels = 1;
  EXPECT_EQ(first_changes(State::ignores_input, config, 1), (Remedied{{"translation.pixels", "100"}}));
  config = Config::from_recipe("cyclegan");
  config.cycle.way_back = 0;
  EXPECT_EQ(first_changes(State::ignores_input, config, 1), (Remedied{{"cycle.way_back", "10"}}));
  config = Config::from_recipe("cut");
  EXPECT_EQ(first_changes(State::ignores_input, config, 1), (Remedied{{"contrast.weight", "2"}}));
}

TEST(TranslationStatesTest, WrongColoursAreMendedByTheIdentityWhereBothKindsHaveAsManyChannels) {
  auto config = Config::from_recipe("cyclegan");
  config.cycle.identity = 0;
  EXPECT_EQ(first_changes(State::wrong_colors, config, 1), (Remedied{{"cycle.identity", "5"}}));
  config.data.channels = 3;
  config.pairs.channels = 1;
  EXPECT_EQ(first_changes(State::wrong_colors, config, 2), (Remedied{{"cycle.adversary", "4"}}));
  EXPECT_EQ(first_changes(State::wrong_colors, Config::from_recipe("pix2pix"), 2),
            (Remedied{{"translation.adversary", "4"}}));
}

TEST(TranslationStatesTest, EveryRemedyIsOneThatItsConfigurationTakes) {
  for (const char* recipe : {"pix2pix", "cyclegan", "cut"}) {
    for (const State state : {State::copies_input, State::ignores_input, State::wrong_colors, State::stalled,
                              State::diverged, State::discriminator_too_strong}) {
      for (const auto& remedy : remedies_for(state, 0, Config::from_recipe(recipe), Texts::in("ja"))) {
        EXPECT_EQ(remedy.what.find('{'), std::string::npos) << remedy.what;
        auto config = Config::from_recipe(recipe);
        std::set<std::string> keys;
        for (const auto& [key, value] : remedy.settings) {
          EXPECT_TRUE(keys.insert(key).second) << recipe << ": " << remedy.what << ": " << key << " twice";
          EXPECT_NO_THROW(config.set(key, value)) << key;
        }
      }
    }
  }
}

TEST(TranslationStatesTest, RatesOfBothSidesAreChangedWhereSeveralPlayersShareASection) {
  const auto halved = remedies_for(State::diverged, 0, Config::from_recipe("cyclegan"), Texts::in("en")).front();
  EXPECT_EQ(halved.settings,
            (Remedied{{"translator.learning_rate", "0.0001"}, {"discriminator.learning_rate", "0.0001"}}));
}

TEST(TranslationStatesTest, EveryPlayerThatStandsStillHasAName) {
  for (const char* recipe : {"pix2pix", "cyclegan", "cut"}) {
    auto config = Config::from_recipe(recipe);
    config.translator.learning_rate = config.discriminator.learning_rate = 1e-9;
    Check check = standstill(1000);
    for (const auto& player : players_of(config)) {
      check.updates[player.name] = 1e-9, check.rates[player.name] = 1e-9, check.gradients[player.name] = 1;
    }
    for (const auto& language : Texts::languages()) {
      const auto verdict =
          make_verdict({{State::standing_still, 1000}}, {check}, config, Limits{}, Texts::in(language));
      EXPECT_EQ(verdict.evidence.size(), players_of(config).size() + 1);
      EXPECT_EQ(verdict.remedies.front().settings.size(), 2U) << "one rate a section";
    }
  }
}

}  // namespace
}  // namespace forger
