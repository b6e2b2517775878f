#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/architecture.h"
#include "config/parse.h"
#include "config/schema.h"
#include "forger/error.h"

namespace forger {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(OldKeysTest, OfARecipeAreUnderstoodWithANotice) {
  std::vector<std::string> notices;
  const auto config =
      parse_config("[generator]\nsteps_per_turn = 2\n[discriminator]\nturns = 0.5\nturns_per_step = 3\n", "mine.toml",
                   "mine", &notices);
  EXPECT_EQ(config.generator.turns_per_step, 2);
  EXPECT_EQ(config.discriminator.rotations, 0.5);
  EXPECT_EQ(config.discriminator.turns_per_step, 3);
  EXPECT_THAT(notices, ElementsAre("mine.toml:2: generator.steps_per_turn is now called generator.turns_per_step; the "
                                   "next version will not know the old name",
                                   "mine.toml:4: discriminator.turns is now called discriminator.rotations; the next "
                                   "version will not know the old name"));
  EXPECT_THAT(config.to_toml(), testing::Not(HasSubstr("steps_per_turn")));
}

TEST(OldKeysTest, ThatAreSetAreUnderstoodWithANotice) {
  std::vector<std::string> notices;
  Config config;
  config.set("encoder.steps_per_turn", "4", &notices);
  config.set("encoder.width", "32", &notices);
  EXPECT_EQ(config.encoder.turns_per_step, 4);
  EXPECT_EQ(notices.size(), 1);
  EXPECT_THROW(config.set("encoder.steps_per_turn", "0", &notices), Error);
  EXPECT_EQ(notices.size(), 1) << "nothing is said of what was refused";
}

TEST(OldKeysTest, BesideThePresentOneAreRefused) {
  try {
    parse_config("[discriminator]\nrotations = 1\nturns = 2\n", "mine.toml", "mine");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "mine.toml:3: discriminator.turns: discriminator.rotations stands here under its old and "
                 "its present name, accepted: one of them");
  }
}

TEST(OldKeysTest, AreNoneOfThePresentOnes) {
  for (const auto& option : options()) {
    EXPECT_EQ(find_option(option.old_key), nullptr) << option.key;
  }
  EXPECT_EQ(find_by_old_key(""), nullptr);
}

TEST(OldKeysTest, OfAnArchitectureAreUnderstood) {
  Config config;
  take_architecture(config, "discriminator", nlohmann::ordered_json::parse(R"({"turns": 0.25})"), "x");
  EXPECT_EQ(config.discriminator.rotations, 0.25);
}

}  // namespace
}  // namespace forger
