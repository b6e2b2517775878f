#include "games/exhibit.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "core/torch.h"
#include "games/generation.h"
#include "games/small_steps.h"

namespace forger {
namespace {

Config exhibited_config() {
  Config config;
  config.generator.width = 4;
  config.generator.latent_size = 8;
  config.discriminator.width = 4;
  config.discriminator.normalization = "instance";
  config.discriminator.dropout = 0.3;
  config.training.batch_size = 8;
  config.training.precision = "float32";
  return config;
}

struct Scene {
  explicit Scene(const Config& config) : game(config, {kShape, 0, c10::kCPU, nullptr}), exhibit(game.exhibit()) {
    for (int64_t step = 1; step <= 3; ++step) game.step(input_for(step));
    exhibit->show(game.state());
  }
  GenerationGame game;
  std::unique_ptr<Exhibit> exhibit;
};

TEST(ExhibitTest, ShowsTheGameAndLeavesItAsItIs) {
  Scene scene(exhibited_config());
  const auto before = copy_of(scene.game.state());
  const auto origins = scene.exhibit->draw_origins(300, ItemRandom(5), {});
  const auto fakes = scene.exhibit->generate(origins, /*averaged=*/true);
  EXPECT_EQ(fakes.sizes(), (std::vector<int64_t>{300, 1, 16, 16}));
  EXPECT_FALSE(at::equal(fakes, scene.exhibit->generate(origins, /*averaged=*/false)));
  const auto logits = scene.exhibit->logits(fakes, origins);
  EXPECT_EQ(logits.sizes(), (std::vector<int64_t>{300}));
  scene.exhibit->learning_signal(at::zeros({8, 1, 16, 16}), origins.rows(0, 8));
  for (const auto& [name, tensor] : scene.game.state()) EXPECT_TRUE(at::equal(tensor, before.at(name))) << name;
  // What is asked in parts is what is asked at once.
  EXPECT_TRUE(at::allclose(scene.exhibit->logits(fakes.narrow(0, 0, 16), origins.rows(0, 16)), logits.narrow(0, 0, 16),
                           1e-4, 1e-5));
}

TEST(ExhibitTest, AnEarlierDiscriminatorAnswersAsItDid) {
  Scene scene(exhibited_config());
  const auto images = scene.exhibit->generate(scene.exhibit->draw_origins(20, ItemRandom(1), {}), true);
  const auto then = scene.exhibit->discriminator_state();
  const auto answers = scene.exhibit->logits(images, {});
  for (int64_t step = 4; step <= 8; ++step) scene.game.step(input_for(step));
  scene.exhibit->show(scene.game.state());
  EXPECT_FALSE(at::equal(scene.exhibit->logits(images, {}), answers));
  scene.exhibit->show_discriminator(then);
  EXPECT_TRUE(at::equal(scene.exhibit->logits(images, {}), answers));
}

TEST(ExhibitTest, ALoneImagesLogitIsTheSameInAnyCompany) {
  auto config = exhibited_config();
  config.discriminator.normalization = "batch";
  Scene scene(config);
  const auto images = scene.exhibit->generate(scene.exhibit->draw_origins(16, ItemRandom(1), {}), true);
  const auto together = scene.exhibit->lone_logits(images, {});
  EXPECT_TRUE(
      at::allclose(scene.exhibit->lone_logits(images.narrow(0, 3, 1), {}), together.narrow(0, 3, 1), 1e-4, 1e-5));
}

TEST(ExhibitTest, BatchStatisticsAreThoseOfTheBatchAndLeaveTheAveragesAsTheyAre) {
  auto config = exhibited_config();
  config.discriminator.normalization = "batch";
  Scene scene(config);
  const auto images = scene.exhibit->generate(scene.exhibit->draw_origins(8, ItemRandom(1), {}), true);
  const auto alone = scene.exhibit->lone_logits(images, {});
  const auto answers = scene.exhibit->logits(images, {});
  auto others = images.clone();
  others.narrow(0, 4, 4).fill_(1);
  const auto same = [](const at::Tensor& one, const at::Tensor& other) {
    return at::allclose(one.narrow(0, 0, 4), other.narrow(0, 0, 4), 1e-4, 1e-5);
  };
  EXPECT_FALSE(same(scene.exhibit->logits(others, {}), answers));
  EXPECT_TRUE(same(scene.exhibit->lone_logits(others, {}), alone));
  EXPECT_TRUE(at::equal(scene.exhibit->lone_logits(images, {}), alone));
}

TEST(ExhibitTest, OfPatchesAnImagesLogitIsTheMean) {
  class Patches : public Discriminator {
   public:
    at::Tensor forward(const at::Tensor& images, const at::Tensor&) override { return at::avg_pool2d(images, 2); }
  };
  Patches discriminator;
  const auto images = at::arange(2 * 16, at::kFloat).view({2, 1, 4, 4});
  EXPECT_TRUE(at::equal(discriminator.image_logits(images, {}), images.mean({1, 2, 3})));
}

TEST(ExhibitTest, OriginsAreCutAlike) {
  const Origins all{.latents = at::arange(6, at::kFloat).view({3, 2}), .labels = at::arange(3)};
  const auto last = all.rows(2, 1);
  EXPECT_EQ(last.count(), 1);
  EXPECT_EQ(last.latents[0][1].item<float>(), 5);
  EXPECT_EQ(last.labels[0].item<int64_t>(), 2);
  EXPECT_FALSE(last.sources.defined());
}

}  // namespace
}  // namespace forger
