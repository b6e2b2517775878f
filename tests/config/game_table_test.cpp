#include "config/game_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/sections.h"
#include "forger/error.h"

namespace forger {
namespace {

using testing::ElementsAre;

TEST(GameTableTest, NamesEveryGameOnce) {
  EXPECT_THAT(game_names(), ElementsAre("generation", "autoencoding", "super-resolution", "paired-translation"));
  EXPECT_EQ(game_named("autoencoding").name, "autoencoding");
}

TEST(GameTableTest, RefusesAnUnknownGameAndNamesTheNearest) {
  try {
    game_named("autoencodin");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "game: received \"autoencodin\", accepted: generation, autoencoding, super-resolution, "
                 "paired-translation (did you mean \"autoencoding\"?)");
  }
}

TEST(GameTableTest, ASectionIsReadUnlessOnlyOtherGamesListIt) {
  for (const char* own : {"encoder", "code_discriminator", "pixel_discriminator", "autoencoding", "detector"}) {
    EXPECT_TRUE(reads_section("autoencoding", own)) << own;
    EXPECT_FALSE(reads_section("generation", own)) << own;
  }
  EXPECT_TRUE(reads_section("super-resolution", "upscaler"));
  EXPECT_FALSE(reads_section("generation", "upscaler"));
  for (const char* own : {"translator", "pairs", "translation"}) {
    EXPECT_TRUE(reads_section("paired-translation", own)) << own;
    EXPECT_FALSE(reads_section("super-resolution", own)) << own;
  }
  for (const char* shared : {"", "data", "generator", "discriminator", "objective", "training", "referee"}) {
    EXPECT_TRUE(reads_section("autoencoding", shared)) << shared;
    EXPECT_TRUE(reads_section("generation", shared)) << shared;
  }
}

TEST(GameTableTest, OnlyAVaePlaysWithoutADiscriminator) {
  Config config;
  EXPECT_TRUE(config.has_discriminator());
  config.game = "autoencoding";
  EXPECT_FALSE(config.has_discriminator());
  config.autoencoding.adversary = 0.5;
  EXPECT_TRUE(config.has_discriminator());
}

TEST(SectionsTest, EverySectionHasItsOwnKeysAndNoOther) {
  for (const auto& section : sections()) {
    EXPECT_FALSE(section.options.empty()) << section.name;
    for (const auto& option : section.options) {
      const auto dot = option.key.find('.');
      EXPECT_EQ(dot == std::string::npos ? "" : option.key.substr(0, dot), section.name) << option.key;
    }
  }
}

}  // namespace
}  // namespace forger
