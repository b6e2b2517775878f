#include "referee/remedies.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace forger {
namespace {

/// Whether penalties are among what mends a discriminator that is too strong.
bool advises_penalties(const std::string& network, const std::string& normalization) {
  Config config;
  config.discriminator.network = network;
  config.discriminator.normalization = normalization;
  const auto remedies = remedies_for(State::discriminator_too_strong, /*since_step=*/0, config, Texts::in("en"));
  return std::any_of(remedies.begin(), remedies.end(), [](const Remedy& remedy) {
    return std::any_of(remedy.settings.begin(), remedy.settings.end(),
                       [](const auto& setting) { return setting.first == "objective.r1" && setting.second != "0"; });
  });
}

TEST(RemediesTest, PenaltiesAreForDiscriminatorsWithoutBatchNormalisation) {
  for (const char* network : {"dcgan", "pytorch-gan"}) {
    EXPECT_FALSE(advises_penalties(network, "batch")) << network;
    EXPECT_TRUE(advises_penalties(network, "instance")) << network;
    EXPECT_TRUE(advises_penalties(network, "none")) << network;
  }
}

/// What a remedy sets the key to; empty: none does.
std::string remedied(State state, int64_t since_step, const Config& config, const std::string& key) {
  for (const auto& remedy : remedies_for(state, since_step, config, Texts::in("en"))) {
    for (const auto& [name, value] : remedy.settings) {
      if (name == key && remedy.automatic) return value;
    }
  }
  return "";
}

TEST(RemediesTest, AScheduleThatEndedBeforeTheTrainingStalledIsMadeLonger) {
  Config config;
  config.training.schedule = "linear";
  config.training.final_rate = 0;
  config.training.schedule_steps = 1000;
  const auto at = [&](int64_t step) { return remedied(State::stalled, step, config, "training.schedule_steps"); };
  EXPECT_EQ(at(2000), "0");
  EXPECT_EQ(at(950), "0") << "a twentieth of the rates is left";
  EXPECT_EQ(at(500), "") << "at half of the rates it has another cause";
  config.training.warmup_steps = 800;
  EXPECT_EQ(at(10), "") << "they have not yet grown";
  config.training.final_rate = 0.5;
  EXPECT_EQ(at(2000), "") << "the rates stay high";
  config.training.final_rate = 0;
  config.training.schedule = "constant";
  EXPECT_EQ(at(2000), "");
  config.training.schedule = "cosine";
  EXPECT_EQ(at(2000), "0");
  config.training.schedule_steps = 0;
  EXPECT_EQ(at(2000), "") << "it is as long as the training";
}

TEST(RemediesTest, PenaltiesFarLargerThanUsualAreMadeSmaller) {
  Config config;
  config.objective.r1 = 100;
  config.objective.r2 = 5;
  EXPECT_EQ(remedied(State::discriminator_too_weak, 0, config, "objective.r1"), "1");
  EXPECT_EQ(remedied(State::discriminator_too_weak, 0, config, "objective.r2"), "") << "within what is usual";
  EXPECT_EQ(remedied(State::full_collapse, 0, config, "objective.r1"), "1");
  EXPECT_EQ(remedied(State::cycling, 0, config, "objective.r1"), "1");
  config.data.channels = 2;
  EXPECT_EQ(remedied(State::discriminator_too_weak, 0, config, "objective.r1"), "0.1") << "as points need it";
  for (const auto& remedy : remedies_for(State::full_collapse, 0, config, Texts::in("en"))) {
    for (const auto& setting : remedy.settings) EXPECT_NE(setting.second, "100") << remedy.what;
  }
  config.objective = {.name = "wasserstein-gp", .gradient_penalty = 1000};
  EXPECT_EQ(remedied(State::discriminator_too_weak, 0, config, "objective.gradient_penalty"), "10");
}

}  // namespace
}  // namespace forger
