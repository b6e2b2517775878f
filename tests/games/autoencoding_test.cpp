#include "games/autoencoding.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/random.h"
#include "core/torch.h"
#include "games/small_steps.h"

namespace forger {
namespace {

Config small_autoencoder() {
  Config config;
  config.game = "autoencoding";
  config.generator.width = 4;
  config.generator.latent_size = 8;
  config.generator.normalization = "none";
  config.generator.learning_rate = 1e-3;
  config.encoder.width = 4;
  config.encoder.normalization = "none";
  config.encoder.learning_rate = 1e-3;
  config.discriminator.width = 4;
  config.training.batch_size = 8;
  config.training.precision = "float32";
  return config;
}

Config alpha_config() {
  Config config = small_autoencoder();
  config.objective.name = "density-ratio";
  config.autoencoding.codes = "adversarial";
  config.autoencoding.distance = "absolute";
  config.autoencoding.adversary = 1;
  config.code_discriminator.width = 16;
  return config;
}

struct Moved {
  double generator, encoder, discriminator, code_discriminator;
};

Moved one_step(const Config& config, StepReport* report = nullptr) {
  AutoencodingGame game(config, {kShape, 0, c10::kCPU, nullptr});
  const auto before = copy_of(game.state());
  const auto said = game.step(input_for(1));
  if (report) *report = said;
  const auto after = game.state();
  return {change(before, after, "generator.network."), change(before, after, "encoder.network."),
          change(before, after, "discriminator.network."), change(before, after, "code_discriminator.network.")};
}

TEST(AutoencodingGameTest, AVaeHasTwoPlayersAndBothMove) {
  StepReport report;
  const auto moved = one_step(small_autoencoder(), &report);
  EXPECT_GT(moved.generator, 0);
  EXPECT_GT(moved.encoder, 0);
  EXPECT_EQ(moved.discriminator, -1);
  EXPECT_EQ(moved.code_discriminator, -1);
  EXPECT_EQ(report.players.size(), 2U);
  EXPECT_TRUE(report.losses.contains("kl") && report.losses.contains("reconstruction"));
  EXPECT_FALSE(report.losses.contains("discriminator"));
}

TEST(AutoencodingGameTest, AlphaGanHasFourPlayersAndAllMove) {
  StepReport report;
  const auto moved = one_step(alpha_config(), &report);
  for (double player : {moved.generator, moved.encoder, moved.discriminator, moved.code_discriminator})
    EXPECT_GT(player, 0);
  EXPECT_EQ(report.players.size(), 4U);
  for (const char* loss : {"reconstruction", "generator", "encoder", "discriminator", "code_discriminator"}) {
    EXPECT_TRUE(report.losses.contains(loss)) << loss;
  }
}

TEST(AutoencodingGameTest, TheDiscriminatorsOpinionTeachesTheGeneratorOnly) {
  // With (almost) no likeness and no word about codes, nothing is left for the encoder to learn from. Plain SGD, whose
  // steps are as large as the gradient.
  Config config = alpha_config();
  for (OptimizerOptions* player :
       {static_cast<OptimizerOptions*>(&config.generator), static_cast<OptimizerOptions*>(&config.encoder)}) {
    player->optimizer = "sgd";
    player->beta1 = 0;
    player->learning_rate = 0.1;
  }
  config.autoencoding.reconstruction = 1e-12;
  config.autoencoding.code_weight = 0;
  const auto moved = one_step(config);
  EXPECT_GT(moved.generator, 1e-6);
  EXPECT_LT(moved.encoder, 1e-10);
}

TEST(AutoencodingGameTest, DivergenceIsThatOfTheClosedForm) {
  // A new encoder without weights gives means 0 and log variances 0: N(0, 1) itself, KL 0.
  AutoencodingGame game(small_autoencoder(), {kShape, 0, c10::kCPU, nullptr});
  torch::NoGradGuard no_grad;
  auto state = game.state();
  for (auto& [name, tensor] : state) {
    if (name.starts_with("encoder.network.")) at::Tensor(tensor).zero_();
  }
  // Means 2 and log variances log 4: KL = (4 + 4 - 1 - log 4) / 2 for each of the 8 numbers (Kingma & Welling, appendix
  // B).
  auto bias = at::Tensor(state.at("encoder.network.output.bias"));
  bias.narrow(0, 0, 8).fill_(2);
  bias.narrow(0, 8, 8).fill_(std::log(4.0));
  at::AutoGradMode grad(true);
  const auto report = game.step(input_for(1));
  EXPECT_NEAR(report.losses.at("kl"), 8 * (7 - std::log(4.0)) / 2, 1e-4);
}

TEST(AutoencodingGameTest, FreeBitsAskForNothingBelowThem) {
  // 8 numbers whose divergence is far below 5 nats each: the encoder learns from likeness alone, which is almost
  // nothing.
  Config config = small_autoencoder();
  config.autoencoding.free_bits = 5;
  config.autoencoding.reconstruction = 1e-12;
  config.encoder.optimizer = "sgd";
  config.encoder.beta1 = 0;
  EXPECT_LT(one_step(config).encoder, 1e-9);
  config.autoencoding.free_bits = 0;
  EXPECT_GT(one_step(config).encoder, 1e-9);
}

TEST(AutoencodingGameTest, AdaptiveNoiseFollowsHowWellCodesAreTold) {
  Config config = alpha_config();
  config.autoencoding.code_noise = 0.5;
  config.autoencoding.adaptive_code_noise = true;
  config.encoder.learning_rate = 1e-12;
  config.code_discriminator.learning_rate = 0.01;
  AutoencodingGame game(config, {kShape, 0, c10::kCPU, nullptr});
  auto state = game.state();
  const auto strength = [&] { return game.state().at("code_noise.strength").item<double>(); };
  {
    torch::NoGradGuard no_grad;
    for (auto& [name, tensor] : state) {
      if (name.starts_with("code_discriminator.network.logit.")) at::Tensor(tensor).zero_();
    }
    at::Tensor(state.at("encoder.network.output.bias")).fill_(20);  // every code is far from every latent
  }
  EXPECT_EQ(strength(), 1);
  game.step(input_for(1));  // a discriminator that answers 0 tells nothing: 8 images of 100,000
  EXPECT_NEAR(strength(), 1 - 8e-5, 1e-12);
  for (int64_t step = 2; step <= 60; ++step)
    game.step(input_for(step));  // it soon tells all codes, and noise is at its most
  EXPECT_EQ(strength(), 1);
}

TEST(AutoencodingGameTest, LearnsToMakeImagesAgain) {
  Config config = small_autoencoder();
  config.autoencoding.distance = "squared";
  config.autoencoding.code_weight = 1e-6;
  config.generator.learning_rate = config.encoder.learning_rate = 5e-3;
  AutoencodingGame game(config, {kShape, 0, c10::kCPU, nullptr});
  // Eight flat images of different greys.
  const auto greys = at::linspace(-0.9, 0.9, 8).view({8, 1, 1, 1}).expand({8, 1, 16, 16}).contiguous();
  double first = 0, last = 0;
  for (int64_t step = 1; step <= 150; ++step) {
    const auto report =
        game.step({step, ItemRandom(static_cast<uint64_t>(step)), [&] { return Batch{.images = greys}; }});
    ASSERT_TRUE(report.finite);
    (step == 1 ? first : last) = report.losses.at("reconstruction");
  }
  EXPECT_LT(last, 0.1 * first);
}

TEST(AutoencodingGameTest, AStepThatIsNotFiniteIsNotApplied) {
  AutoencodingGame game(alpha_config(), {kShape, 0, c10::kCPU, nullptr});
  const auto before = copy_of(game.state());
  const auto broken = at::full({8, 1, 16, 16}, std::numeric_limits<float>::quiet_NaN());
  const auto report = game.step({1, ItemRandom(1), [&] { return Batch{.images = broken}; }});
  EXPECT_FALSE(report.finite);
  const auto after = game.state();
  for (const auto& [name, tensor] : before) EXPECT_TRUE(at::equal(tensor, after.at(name))) << name;
}

TEST(AutoencodingGameTest, FeaturesOfTheDiscriminatorMeasureLikeness) {
  Config config = small_autoencoder();
  config.autoencoding.reconstruction = 0;
  config.autoencoding.features = 100;
  config.autoencoding.adversary = 1;
  StepReport report;
  const auto moved = one_step(config, &report);
  EXPECT_GT(report.losses.at("features"), 0);
  EXPECT_GT(moved.encoder, 0);
}

TEST(AutoencodingGameTest, TheDiscriminatorLearnsToNameTurns) {
  // A bright upper half: after some steps the turn is certain.
  Config config = alpha_config();
  config.discriminator.rotations = 1;
  config.discriminator.learning_rate = 5e-3;
  AutoencodingGame game(config, {kShape, 0, c10::kCPU, nullptr});
  auto images = at::full({8, 1, 16, 16}, -0.8);
  images.narrow(2, 0, 8).fill_(0.8);
  double first = 0, last = 0;
  for (int64_t step = 1; step <= 60; ++step) {
    const auto report =
        game.step({step, ItemRandom(static_cast<uint64_t>(step)), [&] { return Batch{.images = images}; }});
    (step == 1 ? first : last) = report.losses.at("rotations");
  }
  EXPECT_NEAR(first, std::log(4.0), 0.1);  // a new network knows nothing of four answers
  EXPECT_LT(last, 0.2);
}

TEST(AutoencodingGameTest, APixelDiscriminatorLearnsAndLeavesTheOthersAsTheyAre) {
  Config config = alpha_config();
  AutoencodingGame plain(config, {kShape, 0, c10::kCPU, nullptr});
  config.detector.normals = 1;
  config.pixel_discriminator.width = 4;
  config.pixel_discriminator.turns_per_step = 2;
  AutoencodingGame asked(config, {kShape, 0, c10::kCPU, nullptr});
  const auto before = copy_of(asked.state());
  for (int64_t step = 1; step <= 3; ++step) {
    EXPECT_EQ(plain.step(input_for(step)).losses.count("pixel_discriminator"), 0u);
    EXPECT_TRUE(std::isfinite(asked.step(input_for(step)).losses.at("pixel_discriminator")));
  }
  const auto rest = asked.state();
  for (const auto& [name, tensor] : plain.state()) EXPECT_TRUE(at::equal(tensor, rest.at(name))) << name;
  EXPECT_GT(change(before, rest, "pixel_discriminator.network."), 0);
}

}  // namespace
}  // namespace forger
