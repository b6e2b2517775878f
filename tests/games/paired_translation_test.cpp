#include "games/paired_translation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"
#include "core/torch.h"
#include "games/exhibit.h"
#include "games/small_steps.h"
#include "objectives/catalog.h"

namespace forger {
namespace {

const GameInput kPairInput{.shape = {3, 16, 24}, .source_shape = {1, 16, 24}};

Config small_translator() {
  Config config;
  config.game = "paired-translation";
  config.translator.network = "unet";
  config.translator.width = 4;
  config.translator.depth = 3;
  config.translator.ema = 0;
  config.translator.learning_rate = 2e-3;
  config.discriminator.network = "patch";
  config.discriminator.width = 4;
  config.discriminator.depth = 1;
  config.training.batch_size = 4;
  config.training.precision = "float32";
  return config;
}

/// Smooth colours, and their grey.
StepInput colours(int64_t step) {
  auto random = make_random(static_cast<uint64_t>(step));
  return {step, ItemRandom(static_cast<uint64_t>(step)), [random]() mutable {
            const auto few = at::empty({4, 3, 4, 6}).uniform_(-1, 1, random);
            const auto images = at::upsample_nearest2d(few, {16, 24});
            return Batch{.images = images, .sources = images.mean(1, /*keepdim=*/true)};
          }};
}

TEST(PairedTranslationGameTest, WithoutADiscriminatorItLearnsThePixels) {
  auto config = small_translator();
  config.translation.adversary = 0;
  PairedTranslationGame game(config, kPairInput);
  EXPECT_EQ(game.players().size(), 1u);
  const auto first = game.step(colours(1));
  StepReport last;
  for (int64_t step = 2; step <= 40; ++step) last = game.step(colours(step));
  EXPECT_TRUE(last.finite);
  EXPECT_LT(last.losses.at("pixels"), first.losses.at("pixels"));
  EXPECT_FALSE(last.losses.contains("discriminator"));
}

TEST(PairedTranslationGameTest, EveryObjectiveAndDiscriminatorPlays) {
  auto config = small_translator();
  for (const auto& objective : objective_names()) {
    config.objective.name = objective;
    config.objective.gradient_penalty = objective == "wasserstein-gp" ? 10 : 0;
    PairedTranslationGame game(config, kPairInput);
    const auto start = copy_of(game.state());
    const auto report = game.step(colours(1));
    EXPECT_TRUE(report.finite) << objective;
    for (const char* loss : {"discriminator", "generator", "pixels"})
      EXPECT_TRUE(std::isfinite(report.losses.at(loss))) << objective << " " << loss;
    EXPECT_GT(change(start, game.state(), "generator.network."), 0) << objective;
    EXPECT_GT(change(start, game.state(), "discriminator.network."), 0) << objective;
  }
  config.objective = {};
  for (const char* network : {"unet", "dcgan"}) {
    config.discriminator.network = network;
    config.augmentation = {.flip = 0.5, .translation = 0.5, .color = 0.5, .cutout = 0.5};
    PairedTranslationGame game(config, kPairInput);
    EXPECT_TRUE(game.step(colours(1)).finite) << network;
  }
}

TEST(PairedTranslationGameTest, TheDiscriminatorSeesWhatAnImageWasMadeFrom) {
  PairedTranslationGame game(small_translator(), kPairInput);
  for (const auto& [name, tensor] : game.state()) {
    if (name.starts_with("discriminator.network.") && tensor.dim() == 4) {
      EXPECT_EQ(tensor.size(1), 4) << name;  // one channel of the source, three of the image
      break;
    }
  }
  const auto exhibit = game.exhibit();
  exhibit->show(game.state());
  const auto batch = colours(1).next_batch();
  const auto own = exhibit->logits(batch.images, {.sources = batch.sources});
  const auto others = exhibit->logits(batch.images, {.sources = batch.sources.flip(0)});
  EXPECT_EQ(own.sizes(), at::IntArrayRef({4}));
  EXPECT_FALSE(at::allclose(own, others));
  EXPECT_TRUE(std::isfinite(exhibit->learning_signal(batch.images, {.sources = batch.sources}).at_images));
}

TEST(PairedTranslationGameTest, ItsExhibitHasTruthsAndImitatesDataOnlyWithADiscriminator) {
  auto config = small_translator();
  PairedTranslationGame joined(config, kPairInput);
  config.translation.adversary = 0;
  const PairedTranslationGame alone(config, kPairInput);
  EXPECT_TRUE(alone.exhibit()->has_truths());
  EXPECT_FALSE(alone.exhibit()->imitates_data());
  EXPECT_TRUE(joined.exhibit()->imitates_data());
  const auto exhibit = joined.exhibit();
  exhibit->show(joined.state());
  const auto batch = colours(1).next_batch();
  const auto images = exhibit->generate({.sources = batch.sources}, /*averaged=*/true);
  EXPECT_EQ(images.sizes(), batch.images.sizes());
  EXPECT_TRUE(at::allclose(images, joined.preview({.count = 4, .sources = batch.sources}), 1e-5, 1e-5));
}

TEST(PairedTranslationGameTest, DropoutFollowsFromTheStep) {
  auto config = small_translator();
  config.translator.dropout = 0.5;
  config.translator.dropout_levels = 1;
  PairedTranslationGame one(config, kPairInput), other(config, kPairInput);
  EXPECT_EQ(one.step(colours(1)).losses, other.step(colours(1)).losses);
  const auto kept = copy_of(one.state());
  const auto batch = colours(2).next_batch();
  const PreviewInput input{.count = 4, .sources = batch.sources};
  EXPECT_TRUE(at::equal(one.preview(input), one.preview(input)));
  EXPECT_EQ(change(kept, one.state(), "generator."), 0);
}

TEST(PairedTranslationGameTest, ItIsOnePartOfAModel) {
  const auto parts = PairedTranslationGame(small_translator(), kPairInput).parts();
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].role, "generator");
  EXPECT_EQ(parts[0].kind, "translator");
  EXPECT_EQ(parts[0].options.at("depth"), 3);
}

/// Maps of nine kinds in squares, and images with a grey of its own for each.
StepInput maps(int64_t step) {
  auto random = make_random(static_cast<uint64_t>(step));
  return {step, ItemRandom(static_cast<uint64_t>(step)), [random]() mutable {
            const auto few = at::empty({4, 1, 4, 6}).uniform_(0, 9, random).floor();
            const auto kinds = at::upsample_nearest2d(few, {16, 24});
            return Batch{.images = (kinds / 4 - 1).expand({-1, 3, -1, -1}), .sources = kinds / 127.5 - 1};
          }};
}

TEST(PairedTranslationGameTest, NetworksAreShownAChannelForEachKindOfALabelMap) {
  auto config = small_translator();
  config.pairs.kinds = 9;
  config.augmentation.color = 1;
  PairedTranslationGame game(config, kPairInput);
  const auto state = game.state();
  EXPECT_EQ(state.at("generator.network.down1.weight").size(1), 9);
  for (const auto& [name, tensor] : state) {
    if (!name.starts_with("discriminator.network.") || tensor.dim() != 4) continue;
    EXPECT_EQ(tensor.size(1), 9 + 3) << name;
    break;
  }
  const auto first = game.step(maps(1));
  StepReport last;
  for (int64_t step = 2; step <= 40; ++step) last = game.step(maps(step));
  EXPECT_TRUE(last.finite);
  EXPECT_LT(last.losses.at("pixels"), 0.5 * first.losses.at("pixels"));

  const auto exhibit = game.exhibit();
  EXPECT_FALSE(exhibit->has_image_sources());
  exhibit->show(game.state());
  const auto batch = maps(50).next_batch();
  const Origins origins{.sources = batch.sources};
  EXPECT_EQ(exhibit->generate(origins, true).sizes(), batch.images.sizes());
  EXPECT_EQ(exhibit->logits(batch.images, origins).size(0), 4);
  EXPECT_EQ(game.preview({.count = 4, .seed = 1, .sources = batch.sources}).sizes(), batch.images.sizes());
}

}  // namespace
}  // namespace forger
