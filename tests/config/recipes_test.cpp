#include "config/recipes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "forger/config.h"
#include "forger/error.h"

namespace forger {
namespace {

using testing::HasSubstr;

TEST(RecipesTest, AllDocumentedOnesAreThere) {
  std::vector<std::string> names;
  for (const auto& [name, header] : recipes()) names.push_back(name);
  EXPECT_THAT(names,
              testing::ElementsAre("alpha-gan", "compact", "dcgan", "detect", "esrgan", "fast", "gan", "gan-saturating",
                                   "lsgan", "pix2pix", "points", "pytorch-examples-dcgan", "pytorch-gan-dcgan", "r3gan",
                                   "real-esrgan", "sngan", "srgan", "srresnet", "vae", "vae-gan", "wgan", "wgan-gp"));
}

TEST(RecipesTest, EachIsConsistentAndSaysWhatItIs) {
  for (const auto& [name, header] : recipes()) {
    const Config config = Config::from_recipe(name);
    EXPECT_EQ(config.recipe, name);
    EXPECT_NO_THROW(config.check()) << name;
    EXPECT_GT(config.training.steps + config.training.images + static_cast<int64_t>(config.training.minutes), 0)
        << name;
    for (const char* part : {"Paper: ", "arXiv ", "Cost: ", "Reached: "}) EXPECT_THAT(header, HasSubstr(part)) << name;
    const auto first = header.substr(0, header.find('\n'));
    EXPECT_LE(first.size(), 100u) << name;
    EXPECT_TRUE(first.back() == '.') << name;
  }
}

TEST(RecipesTest, AnUnknownOneNamesTheNearest) {
  try {
    Config::from_recipe("dcgna");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("received \"dcgna\", accepted: alpha-gan, compact, dcgan, "));
    EXPECT_THAT(error.what(), HasSubstr("did you mean \"dcgan\"?"));
  }
}

/// implementations/dcgan/dcgan.py of eriklindernoren/PyTorch-GAN: its argument defaults.
TEST(RecipesTest, PyTorchGanIsAsPublished) {
  const Config config = Config::from_recipe("pytorch-gan-dcgan");
  EXPECT_EQ(config.data.size, (std::vector<int64_t>{32, 32}));
  EXPECT_EQ(config.data.channels, 1);
  EXPECT_EQ(config.training.batch_size, 64);
  EXPECT_EQ(config.training.first_turn, "generator");
  EXPECT_EQ(config.generator.latent_size, 100);
  EXPECT_EQ(config.generator.latent, "normal");
  EXPECT_EQ(config.generator.ema, 0);
  for (const OptimizerOptions* player : {static_cast<const OptimizerOptions*>(&config.generator),
                                         static_cast<const OptimizerOptions*>(&config.discriminator)}) {
    EXPECT_EQ(player->optimizer, "adam");
    EXPECT_EQ(player->learning_rate, 2e-4);
    EXPECT_EQ(player->beta1, 0.5);
    EXPECT_EQ(player->beta2, 0.999);
    EXPECT_EQ(player->epsilon, 1e-8);
    EXPECT_EQ(player->turns_per_step, 1);
  }
}

}  // namespace
}  // namespace forger
