#include "games/super_resolution.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/random.h"
#include "core/torch.h"
#include "forger/error.h"
#include "games/exhibit.h"
#include "games/small_steps.h"
#include "model/safetensors.h"
#include "support/temporary_folder.h"
#include "support/vgg19_file.h"

namespace forger {
namespace {

const GameInput kInput{.shape = {3, 16, 16}, .source_shape = {3, 8, 8}};

Config small_upscaler() {
  Config config;
  config.game = "super-resolution";
  config.upscaler.network = "compact";
  config.upscaler.scale = 2;
  config.upscaler.features = 8;
  config.upscaler.blocks = 2;
  config.upscaler.learning_rate = 2e-3;
  config.discriminator.width = 4;
  config.training.batch_size = 4;
  config.training.precision = "float32";
  return config;
}

Config adversarial() {
  Config config = small_upscaler();
  config.super_resolution.adversary = 0.1;
  config.super_resolution.features = 0.5;
  config.super_resolution.pixel_phase = 0.5;
  config.objective.name = "relativistic-average";
  return config;
}

/// Pairs of noise and its mean over squares.
StepInput pairs(int64_t step, double budget_used = 0) {
  auto random = make_random(static_cast<uint64_t>(step));
  return {step, ItemRandom(static_cast<uint64_t>(step)),
          [random]() mutable {
            const auto images = at::empty({4, 3, 16, 16}).uniform_(-1, 1, random);
            return Batch{.images = images, .sources = at::avg_pool2d(images, 2)};
          },
          budget_used};
}

TEST(SuperResolutionGameTest, WithoutADiscriminatorItLearnsThePixels) {
  SuperResolutionGame game(small_upscaler(), kInput);
  EXPECT_EQ(game.players().size(), 1u);
  const auto first = game.step(pairs(1));
  StepReport last;
  for (int64_t step = 2; step <= 40; ++step) last = game.step(pairs(step));
  EXPECT_TRUE(last.finite);
  EXPECT_LT(last.losses.at("pixels"), first.losses.at("pixels"));
  EXPECT_FALSE(last.losses.contains("discriminator"));
}

TEST(SuperResolutionGameTest, TheDiscriminatorJoinsWithItsPartOfTheBudget) {
  SuperResolutionGame game(adversarial(), kInput);
  const auto start = copy_of(game.state());
  const auto alone = game.step(pairs(1, 0.49));
  EXPECT_FALSE(alone.losses.contains("discriminator"));
  EXPECT_EQ(change(start, game.state(), "discriminator."), 0);
  EXPECT_GT(change(start, game.state(), "generator.network."), 0);
  const auto joined = game.step(pairs(2, 0.5));
  for (const char* loss : {"discriminator", "generator", "features", "pixels"})
    EXPECT_TRUE(std::isfinite(joined.losses.at(loss))) << loss;
  EXPECT_GT(change(start, game.state(), "discriminator.network."), 0);
}

TEST(SuperResolutionGameTest, AllDiscriminatorsOfTheFieldPlay) {
  for (const char* network : {"vgg", "unet", "dcgan"}) {
    auto config = adversarial();
    config.discriminator.network = network;
    config.discriminator.spectral_norm = true;
    SuperResolutionGame game(config, kInput);
    EXPECT_TRUE(game.step(pairs(1, 0.9)).finite) << network;
  }
}

TEST(SuperResolutionGameTest, TheFeaturesOfTheTruthItselfDoNotDiffer) {
  // A generator that copies: the network adds nothing to the nearest pixel.
  auto config = adversarial();
  config.upscaler.scale = 1;
  SuperResolutionGame game(config, {.shape = {3, 16, 16}, .source_shape = {3, 16, 16}});
  torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : game.state()) {
    if (name.starts_with("generator.network.")) at::Tensor(tensor).zero_();
  }
  auto input = pairs(1, 0.9);
  const auto next = input.next_batch;
  input.next_batch = [next] {
    auto batch = next();
    batch.sources = batch.images;
    return batch;
  };
  at::AutoGradMode with_gradients(true);
  const auto report = game.step(input);
  EXPECT_NEAR(report.losses.at("pixels"), 0, 1e-6);
  EXPECT_NEAR(report.losses.at("features"), 0, 1e-5);
}

TEST(SuperResolutionGameTest, FeaturesOfTheUsersWeightsTakeThePlaceOfTheDiscriminators) {
  const TemporaryFolder folder;
  write_vgg19(folder / "vgg19.safetensors");
  auto config = adversarial();
  const auto own = SuperResolutionGame(config, kInput).step(pairs(1, 0.9));
  config.super_resolution.perceptual_weights = (folder / "vgg19.safetensors").string();
  SuperResolutionGame game(config, kInput);
  const auto batch = pairs(1).next_batch();
  const auto made = game.preview({.count = 4, .sources = batch.sources});  // the averaged copy begins as the network
  const auto report = game.step(pairs(1, 0.9));
  const Vgg19 network(read_safetensors(folder / "vgg19.safetensors").tensors, c10::kCPU);
  const auto truth = network.features(batch.images);
  const double wanted = ((network.features(made) - truth).abs().mean() / truth.abs().mean()).item<double>();
  EXPECT_NEAR(report.losses.at("features"), wanted, 1e-3 * wanted);
  EXPECT_NE(report.losses.at("features"), own.losses.at("features"));
  EXPECT_EQ(report.losses.at("pixels"), own.losses.at("pixels"));
}

TEST(SuperResolutionGameTest, WeightsThatAreNoVgg19AreRefusedWithTheirFile) {
  const TemporaryFolder folder;
  write_safetensors(folder / "other.safetensors", {.tensors = {{"conv.weight", at::zeros({1})}}, .metadata = {}});
  auto config = adversarial();
  config.super_resolution.perceptual_weights = (folder / "other.safetensors").string();
  const auto message = [&](const GameInput& input) {
    try {
      SuperResolutionGame game(config, input);
      return std::string();
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  EXPECT_THAT(message(kInput), testing::AllOf(testing::StartsWith("super_resolution.perceptual_weights: "),
                                              testing::HasSubstr("other.safetensors"),
                                              testing::HasSubstr("not understood: conv.weight")));
  EXPECT_THAT(message({.shape = {3, 8, 8}, .source_shape = {3, 4, 4}}), testing::HasSubstr("data.size: received 8x8"));
}

TEST(SuperResolutionGameTest, ItsExhibitHasTruthsAndImitatesDataOnlyWithADiscriminator) {
  SuperResolutionGame alone(small_upscaler(), kInput), joined(adversarial(), kInput);
  EXPECT_TRUE(alone.exhibit()->has_truths());
  EXPECT_FALSE(alone.exhibit()->imitates_data());
  EXPECT_TRUE(joined.exhibit()->imitates_data());
  const auto exhibit = joined.exhibit();
  exhibit->show(joined.state());
  const auto batch = pairs(1).next_batch();
  const auto images = exhibit->generate({.sources = batch.sources}, /*averaged=*/true);
  EXPECT_EQ(images.sizes(), batch.images.sizes());
  EXPECT_TRUE(at::allclose(images, joined.preview({.count = 4, .sources = batch.sources}), 1e-5, 1e-5));
}

TEST(SuperResolutionGameTest, ItIsOnePartOfAModel) {
  const SuperResolutionGame game(adversarial(), kInput);
  const auto parts = game.parts();
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].role, "generator");
  EXPECT_EQ(parts[0].kind, "upscaler");
  EXPECT_EQ(parts[0].options.at("scale"), 2);
}

}  // namespace
}  // namespace forger
