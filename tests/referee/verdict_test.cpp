#include "referee/verdict.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "forger/error.h"
#include "referee/remedies.h"

namespace forger {
namespace {

constexpr State kStates[] = {State::standing_still,
                             State::diverged,
                             State::warming_up,
                             State::copying,
                             State::discriminator_overfitting,
                             State::full_collapse,
                             State::cycling,
                             State::copies_input,
                             State::ignores_input,
                             State::wrong_colors,
                             State::partial_collapse,
                             State::generator_starved,
                             State::discriminator_too_strong,
                             State::discriminator_too_weak,
                             State::converged,
                             State::good_plateau,
                             State::stalled,
                             State::healthy_duel,
                             State::undecided};

Check some_check() {
  Check check;
  check.step = 700;
  check.unseen = 1000;
  check.features_work = true;
  check.auc_unseen = 0.75;
  check.kid = 0.125;
  check.kid_low = 0.1;
  check.kid_high = 0.15;
  return check;
}

TEST(VerdictTest, EverySentenceIsFilledInEveryLanguage) {
  for (const auto& language : Texts::languages()) {
    for (const State state : kStates) {
      const auto verdict = make_verdict({{state, 500}}, {some_check()}, Config{}, Limits{}, Texts::in(language));
      EXPECT_EQ(verdict.sentence.find('{'), std::string::npos) << verdict.sentence;
      EXPECT_FALSE(verdict.sentence.empty());
      for (const auto& remedy : verdict.remedies) {
        EXPECT_EQ((remedy.what + remedy.why + remedy.source).find('{'), std::string::npos) << remedy.what;
      }
    }
  }
  EXPECT_THROW(Texts::in("xx"), Error);
}

TEST(VerdictTest, JsonHasTheDocumentedFields) {
  auto verdict = make_verdict({{State::generator_starved, 500}, {State::stalled, 600}}, {some_check()}, Config{},
                              Limits{}, Texts::in("en"));
  const auto json = nlohmann::json::parse(to_json(verdict));
  EXPECT_EQ(json["step"], 700);
  EXPECT_EQ(json["state"], "generator-starved");
  EXPECT_EQ(json["since_step"], 500);
  EXPECT_EQ(json["also"], nlohmann::json({"stalled"}));
  ASSERT_FALSE(json["evidence"].empty());
  for (const auto& item : json["evidence"]) {
    for (const char* field : {"name", "value", "interval", "baseline", "threshold"}) EXPECT_TRUE(item.contains(field));
  }
  ASSERT_FALSE(json["remedies"].empty());
  for (const auto& item : json["remedies"]) {
    for (const char* field : {"what", "why", "source", "automatic"}) EXPECT_TRUE(item.contains(field));
  }
}

TEST(VerdictTest, FewHeldOutImagesAreSaid) {
  auto check = some_check();
  check.unseen = 20;
  const auto verdict = make_verdict({{State::undecided, 500}}, {check}, Config{}, Limits{}, Texts::in("en"));
  EXPECT_NE(verdict.sentence.find("20 images are held out"), std::string::npos) << verdict.sentence;
}

TEST(VerdictTest, OfSamplesAloneNoDiscriminatorIsSpokenOf) {
  auto check = some_check(), with_one = check;
  check.auc_unseen = kUnknown;
  with_one.remembered_auc = 0.5;
  for (const auto& language : Texts::languages()) {
    for (const State state :
         {State::undecided, State::good_plateau, State::stalled, State::cycling, State::healthy_duel}) {
      const auto& texts = Texts::in(language);
      const auto alone = make_verdict({{state, 0}}, {check}, Config{}, Limits{}, texts).sentence;
      const auto of_a_game = make_verdict({{state, 0}}, {with_one}, Config{}, Limits{}, texts).sentence;
      EXPECT_NE(alone, of_a_game);
      EXPECT_EQ(alone.find(language == "ja" ? "識別器" : "discriminator"), std::string::npos) << alone;
    }
  }
}

TEST(VerdictTest, CyclingIsToldByTheMeanMovementAndNamesForgettingWhereItIs) {
  std::vector<Check> checks(4, some_check());
  for (size_t i = 0; i < checks.size(); ++i) {
    checks[i].step = static_cast<int64_t>(100 * (i + 1));
    checks[i].movement = i + 1 == checks.size() ? 0 : 0.4;
    checks[i].remembered_auc = 0.6;
  }
  const auto verdict = [&] {
    return make_verdict({{State::cycling, 100}}, checks, Config{}, Limits{}, Texts::in("en"));
  };
  EXPECT_NE(verdict().sentence.find("30 %"), std::string::npos) << verdict().sentence;
  EXPECT_NEAR(verdict().evidence.at(0).value, 0.3, 1e-9);
  EXPECT_NE(verdict().sentence.find("forgets"), std::string::npos) << verdict().sentence;
  checks.back().remembered_auc = 0.9;
  EXPECT_EQ(verdict().sentence.find("forgets"), std::string::npos) << verdict().sentence;
}

TEST(VerdictTest, OnlyADistanceThatFallsIsSaidToFall) {
  auto check = some_check();
  const auto sentence = [&] {
    return make_verdict({{State::healthy_duel, 500}}, {check}, Config{}, Limits{}, Texts::in("en")).sentence;
  };
  check.improvement_p = 0.001;
  EXPECT_NE(sentence().find("still falls"), std::string::npos) << sentence();
  check.improvement_p = 1;
  EXPECT_NE(sentence().find("has not fallen"), std::string::npos) << sentence();
}

TEST(VerdictTest, PartialCollapseNamesWhatShowsIt) {
  auto check = some_check();
  check.diversity = 0.28;
  const auto sentence = [&] {
    return make_verdict({{State::partial_collapse, 500}}, {check}, Config{}, Limits{}, Texts::in("en")).sentence;
  };
  EXPECT_NE(sentence().find("28 %"), std::string::npos) << sentence();
  check.diversity = 0.9;
  check.coverage = 0.6;
  EXPECT_NE(sentence().find("60 %"), std::string::npos) << sentence();
}

TEST(VerdictTest, StateNamesComeBack) {
  for (const State state : kStates) EXPECT_EQ(state_from_name(state_name(state)), state);
}

TEST(CheckTest, JsonComesBackWithUnknownsUnknown) {
  auto check = some_check();
  check.starved_bins = {3, 5};
  check.updates = {{"generator", 0.25}};
  const auto back = check_from_json(to_json(check));
  EXPECT_EQ(back.step, 700);
  EXPECT_DOUBLE_EQ(back.auc_unseen, 0.75);
  EXPECT_TRUE(std::isnan(back.fresh_critic));
  EXPECT_EQ(back.starved_bins, check.starved_bins);
  EXPECT_EQ(back.updates, check.updates);
  EXPECT_THROW(check_from_json("{\"step\": \"x\"}"), Error);
  EXPECT_THROW(check_from_json("nonsense"), Error);
}

TEST(CheckTest, ChecksBeforeAChangeOfTheGameAreLeftOut) {
  std::vector<Check> checks(6);
  for (size_t i = 0; i < checks.size(); ++i) checks[i].step = static_cast<int64_t>(i);
  EXPECT_EQ(present_game(checks).size(), 6u);
  checks[2].new_game = checks[4].new_game = true;
  const auto present = present_game(checks);
  ASSERT_EQ(present.size(), 2u);
  EXPECT_EQ(present[0].step, 4);
  EXPECT_TRUE(present_game({}).empty());
}

TEST(RemediesTest, SettingsAreAcceptedByTheConfiguration) {
  for (const char* recipe : {"gan", "gan-saturating", "dcgan", "lsgan", "wgan", "wgan-gp", "sngan", "r3gan", "fast",
                             "vae", "vae-gan", "alpha-gan", "detect"}) {
    for (const State state : kStates) {
      for (const auto& remedy : remedies_for(state, /*since_step=*/0, Config::from_recipe(recipe), Texts::in("en"))) {
        if (!remedy.automatic) continue;
        Config config = Config::from_recipe(recipe);
        for (const auto& [key, value] : remedy.settings) config.set(key, value);
        config.data.source = "synthetic:shapes";
        EXPECT_NO_THROW(config.check()) << recipe << ": " << remedy.what;
      }
    }
  }
}

TEST(RemediesTest, SaturatingLossIsReplacedWhenTheGeneratorStarves) {
  const auto remedies =
      remedies_for(State::generator_starved, /*since_step=*/0, Config::from_recipe("gan-saturating"), Texts::in("en"));
  bool found = false;
  for (const auto& remedy : remedies) {
    for (const auto& setting : remedy.settings)
      found |= setting == std::pair<std::string, std::string>("objective.name", "non-saturating");
  }
  EXPECT_TRUE(found);
}

std::string setting_of(const Remedy& remedy, const std::string& key) {
  for (const auto& [name, value] : remedy.settings) {
    if (name == key) return value;
  }
  return "";
}

/// What the first remedy that sets `key` sets it to; 0 where none does.
double first_value(State state, const Config& config, const std::string& key) {
  for (const auto& remedy : remedies_for(state, /*since_step=*/0, config, Texts::in("en"))) {
    if (const auto value = setting_of(remedy, key); !value.empty()) return std::stod(value);
  }
  return 0;
}

/// The points' recipe with players of these rates, and a check at which they moved by so much.
std::pair<Config, Check> at_rates(double generator, double discriminator) {
  Config config = Config::from_recipe("points");
  config.data.channels = 2;
  config.generator.learning_rate = generator;
  config.discriminator.learning_rate = discriminator;
  Check check = some_check();
  check.rates = {{"generator", generator}, {"discriminator", discriminator}};
  for (const auto& [player, rate] : check.rates) {
    check.updates[player] = 20 * rate;  // Adam's, of weights of 0.05
    check.gradients[player] = 0.1;
  }
  return {config, check};
}

TEST(VerdictTest, WhoStandsStillIsNamedWithItsRateAndSinceWhen) {
  const auto [config, check] = at_rates(1e-3, 1e-7);
  auto earlier = check;
  earlier.step = 400;
  const auto sentence = [&](int64_t since, const char* language) {
    const std::vector<Check> checks = {earlier, check};
    return make_verdict({{State::standing_still, since}}, checks, config, Limits{}, Texts::in(language)).sentence;
  };
  EXPECT_EQ(
      sentence(400, "en"),
      "Standing still from the start: the discriminator. At a learning rate of 1e-07, one turn changes the weights "
      "by 2e-06 of their norm.");
  EXPECT_NE(sentence(700, "en").find("since step 700"), std::string::npos);
  EXPECT_NE(sentence(700, "ja").find("識別器"), std::string::npos);
}

TEST(RemediesTest, WhoStandsStillGetsTheUsualRateFirst) {
  for (const auto& [generator, discriminator] : {std::pair(1e-9, 1e-9), std::pair(1e-3, 1e-7), std::pair(1e-9, 1e-3)}) {
    Config config = at_rates(generator, discriminator).first;
    const auto first = remedies_for(State::standing_still, /*since_step=*/0, config, Texts::in("en")).at(0);
    ASSERT_TRUE(first.automatic);
    for (const auto& [key, value] : first.settings) config.set(key, value);
    EXPECT_EQ(config.generator.learning_rate, 1e-3);
    EXPECT_EQ(config.discriminator.learning_rate, 1e-3);
    EXPECT_EQ(first.settings.size(), generator == discriminator ? 2u : 1u);
  }
}

TEST(RemediesTest, PlainGradientDescentThatStandsStillIsGivenAdam) {
  Config config = at_rates(1e-3, 1e-3).first;
  config.generator.optimizer = "sgd";
  const auto first = remedies_for(State::standing_still, /*since_step=*/0, config, Texts::in("en")).at(0);
  EXPECT_EQ(setting_of(first, "generator.optimizer"), "adam");
  EXPECT_EQ(setting_of(first, "discriminator.learning_rate"), "");
}

TEST(RemediesTest, CollapseAtRatesFarBelowTheUsualIsYoungNetworksFirst) {
  const Config config = at_rates(1e-6, 1e-6).first;
  for (const State state : {State::full_collapse, State::partial_collapse}) {
    const auto first = remedies_for(state, /*since_step=*/0, config, Texts::in("en")).at(0);
    EXPECT_EQ(setting_of(first, "generator.learning_rate"), "0.001");
  }
}

TEST(RemediesTest, ALatentOfOneNumberIsEnlargedFirst) {
  Config config = Config::from_recipe("r3gan");
  config.generator.latent_size = 1;
  for (const State state : {State::full_collapse, State::partial_collapse, State::cycling}) {
    const auto first = remedies_for(state, /*since_step=*/0, config, Texts::in("en")).front();
    EXPECT_EQ(setting_of(first, "generator.latent_size"), "64");
    EXPECT_TRUE(first.restarts);
  }
}

TEST(RemediesTest, TwoNumbersGetASmallerPenaltyAndALargerRateThanImages) {
  auto penalty = [](const Config& config) { return first_value(State::partial_collapse, config, "objective.r1"); };
  auto rate = [](Config config) {
    config.generator.learning_rate = config.discriminator.learning_rate = 1;
    return std::stod(setting_of(remedies_for(State::diverged, /*since_step=*/0, config, Texts::in("en")).front(),
                                "generator.learning_rate"));
  };
  Config images = Config::from_recipe("gan"), points = Config::from_recipe("points");
  images.data.channels = 3, images.discriminator.normalization = "none";
  points.data.channels = 2, points.objective.r1 = 0;
  EXPECT_GT(penalty(points), 0);
  EXPECT_LT(penalty(points), penalty(images));
  EXPECT_LT(rate(images), rate(points));
}

TEST(RemediesTest, MuchMomentumIsTakenAwayFromACyclingGame) {
  Config config = Config::from_recipe("gan");
  const auto has_change = [&] {
    const auto remedies = remedies_for(State::cycling, /*since_step=*/0, config, Texts::in("en"));
    return std::any_of(remedies.begin(), remedies.end(), [](const Remedy& remedy) {
      return !remedy.restarts && setting_of(remedy, "generator.beta1") == "0";
    });
  };
  config.generator.beta1 = config.discriminator.beta1 = 0.5;
  EXPECT_FALSE(has_change());  // it is only advised
  config.generator.beta1 = 0.9;
  EXPECT_TRUE(has_change());
}

TEST(RemediesTest, ADiscriminatorThatIsTooWeakLearnsAtLeastAsFastAsIsUsual) {
  Config config = Config::from_recipe("points");
  config.data.channels = 2;
  const auto rate = [&] { return first_value(State::discriminator_too_weak, config, "discriminator.learning_rate"); };
  config.generator.learning_rate = 1e-4, config.discriminator.learning_rate = 1e-6;
  EXPECT_DOUBLE_EQ(rate(), 1e-3);
  config.discriminator.learning_rate = 2e-3;
  EXPECT_DOUBLE_EQ(rate(), 4e-3);
  config.generator.learning_rate = 1e-2;
  EXPECT_DOUBLE_EQ(rate(), 1e-2);
}

TEST(RemediesTest, StalledAtTinyRatesLearnsFasterAndAtUsualOnesSlower) {
  Config config = Config::from_recipe("points");
  config.data.channels = 2;
  const auto first_rate = [&] { return first_value(State::stalled, config, "generator.learning_rate"); };
  config.generator.learning_rate = config.discriminator.learning_rate = 1e-5;
  EXPECT_GT(first_rate(), 1e-4);
  config.generator.learning_rate = config.discriminator.learning_rate = 1e-3;
  EXPECT_LT(first_rate(), 1e-3);
}

TEST(RemediesTest, ASaturatingGameThatCyclesGetsAnotherLossAndNotPenaltiesAlone) {
  Config config = Config::from_recipe("points");
  config.data.channels = 2;
  config.objective = {.name = "minimax"};
  const auto remedies = remedies_for(State::cycling, /*since_step=*/0, config, Texts::in("en"));
  ASSERT_FALSE(remedies.empty());
  EXPECT_EQ(setting_of(remedies.front(), "objective.name"), "relativistic");
}

TEST(RemediesTest, WhatNoSingleChangeMendsStartsOverAsAProvenGame) {
  Config config = Config::from_recipe("points");
  config.data.channels = 2;
  config.data.source = "synthetic:grid25";
  const auto proven = [&]() -> std::optional<Remedy> {
    for (const auto& remedy : remedies_for(State::cycling, /*since_step=*/0, config, Texts::in("en"))) {
      if (remedy.restarts) return remedy;
    }
    return std::nullopt;
  };
  config.objective = {.name = "minimax"};
  config.generator.optimizer = config.discriminator.optimizer = "rmsprop";
  config.discriminator.learning_rate = 1e-4;
  const auto remedy = proven();
  ASSERT_TRUE(remedy);
  for (const auto& [key, value] : remedy->settings) config.set(key, value);
  EXPECT_NO_THROW(config.check());
  EXPECT_EQ(config.objective.name, "relativistic");
  EXPECT_GT(config.objective.r1 * config.objective.r2, 0);
  EXPECT_EQ(config.generator.optimizer, "adam");
  EXPECT_EQ(config.generator.learning_rate, config.discriminator.learning_rate);
  EXPECT_FALSE(proven()) << "it trains that way already";
}

TEST(RemediesTest, WhereNoDiscriminatorPlaysNothingIsChangedInOne) {
  const auto vae = Config::from_recipe("vae");
  bool changes_the_encoder = false;
  for (const State state : kStates) {
    for (const auto& remedy : remedies_for(state, /*since_step=*/0, vae, Texts::in("en"))) {
      for (const auto& [key, value] : remedy.settings) {
        EXPECT_FALSE(key.starts_with("discriminator.") || key.starts_with("objective."))
            << state_name(state) << ": " << key;
        changes_the_encoder |= key == "encoder.learning_rate";
      }
    }
  }
  EXPECT_TRUE(changes_the_encoder);
}

TEST(RemediesTest, LatentOfOneNumberStartsOverWithMore) {
  Config config = Config::from_recipe("gan");
  config.generator.latent_size = 1;
  const auto remedies = remedies_for(State::partial_collapse, /*since_step=*/0, config, Texts::in("en"));
  ASSERT_FALSE(remedies.empty());
  EXPECT_TRUE(remedies.front().automatic);
  EXPECT_TRUE(remedies.front().restarts);
}

}  // namespace
}  // namespace forger
