#include "games/generation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "core/random.h"
#include "core/torch.h"
#include "games/small_steps.h"
#include "objectives/catalog.h"

namespace forger {
namespace {

/// A game small enough for a test: 16x16 grey images, no batch statistics, plain SGD, float32.
Config small_config() {
  Config config;
  config.generator.width = 4;
  config.generator.latent_size = 8;
  config.generator.normalization = "none";
  config.discriminator.width = 4;
  config.discriminator.normalization = "none";
  for (OptimizerOptions* player :
       {static_cast<OptimizerOptions*>(&config.generator), static_cast<OptimizerOptions*>(&config.discriminator)}) {
    player->optimizer = "sgd";
    player->beta1 = 0;
    player->learning_rate = 0.1;
  }
  config.training.batch_size = 8;
  config.training.precision = "float32";
  return config;
}

/// The same input, counting the batches that are asked for.
StepInput counting(StepInput input, int64_t& batches) {
  input.next_batch = [next = input.next_batch, &batches] {
    ++batches;
    return next();
  };
  return input;
}

double largest_difference(const TensorMap& left, const TensorMap& right, const std::string& part) {
  double largest = -1;
  for (const auto& [name, tensor] : left) {
    if (name.find(part) == std::string::npos) continue;
    largest = std::max(largest, (tensor.to(at::kDouble) - right.at(name).to(at::kDouble)).abs().max().item<double>());
  }
  return largest;
}

TEST(GenerationGameTest, OneStepMovesBothPlayersAndReportsThem) {
  GenerationGame game(small_config(), {kShape, 0, c10::kCPU, nullptr});
  const auto before = copy_of(game.state());
  const auto report = game.step(input_for(1));
  const auto after = copy_of(game.state());
  EXPECT_TRUE(report.finite);
  EXPECT_GT(largest_difference(before, after, "generator.network"), 0);
  EXPECT_GT(largest_difference(before, after, "discriminator.network"), 0);
  EXPECT_EQ(report.losses.size(), 2U);
  ASSERT_EQ(report.players.size(), 2U);
  EXPECT_GT(report.players[0].gradient_norm, 0);
  EXPECT_GT(report.real.p_real, 0);
  EXPECT_LT(report.real.p_real, 1);
}

TEST(GenerationGameTest, TheSameSeedsGiveTheSameStep) {
  for (const char* precision : {"float32", "bfloat16"}) {
    auto config = small_config();
    config.training.precision = precision;
    GenerationGame first(config, {kShape, 0, c10::kCPU, nullptr});
    GenerationGame second(config, {kShape, 0, c10::kCPU, nullptr});
    for (int64_t step = 1; step <= 2; ++step) {
      first.step(input_for(step));
      second.step(input_for(step));
    }
    EXPECT_EQ(largest_difference(first.state(), second.state(), ""), 0) << precision;
  }
}

/// Latents of parts and whole are drawn differently, so that the updates only resemble each other; summed instead of
/// averaged, four parts would move the weights four times as far.
TEST(GenerationGameTest, AccumulatedPartsAreAveraged) {
  auto config = small_config();
  const auto start = copy_of(GenerationGame(config, GameInput{kShape, 0, c10::kCPU, nullptr}).state());
  const auto moved = [&](int64_t accumulate) {
    config.training.accumulate = accumulate;
    GenerationGame game(config, {kShape, 0, c10::kCPU, nullptr});
    EXPECT_TRUE(game.step(input_for(1)).finite);
    return largest_difference(start, game.state(), "discriminator.network");
  };
  EXPECT_NEAR(moved(4) / moved(1), 1, 0.5);
}

TEST(GenerationGameTest, WassersteinCriticStaysWithinTheClip) {
  auto config = small_config();
  config.objective.name = "wasserstein";
  config.objective.clip = 0.02;
  config.discriminator.turns_per_step = 3;
  GenerationGame game(config, {kShape, 0, c10::kCPU, nullptr});
  int64_t batches = 0;
  const auto input = counting(input_for(1), batches);
  const auto report = game.step(input);
  EXPECT_EQ(batches, 3);
  EXPECT_TRUE(std::isnan(report.real.p_real));
  for (const auto& [name, tensor] : game.state()) {
    if (name.starts_with("discriminator.network")) {
      EXPECT_LE(tensor.abs().max().item<double>(), 0.02 + 1e-9) << name;
    }
  }
}

TEST(GenerationGameTest, LazyPenaltiesComeInEveryKthStepTimesK) {
  auto config = small_config();
  config.objective.r1 = 1;
  config.objective.r2 = 1;
  config.objective.penalty_every = 2;
  config.generator.learning_rate = 0;
  config.discriminator.learning_rate = 0;
  GenerationGame lazy(config, {kShape, 0, c10::kCPU, nullptr});
  EXPECT_FALSE(lazy.step(input_for(1)).losses.contains("r1"));
  const auto second = lazy.step(input_for(2));
  config.objective.penalty_every = 1;
  GenerationGame eager(config, {kShape, 0, c10::kCPU, nullptr});
  eager.step(input_for(1));
  const auto reference = eager.step(input_for(2));
  EXPECT_NEAR(second.losses.at("r1"), 2 * reference.losses.at("r1"), 1e-6);
  EXPECT_NEAR(second.losses.at("r2"), 2 * reference.losses.at("r2"), 1e-6);
}

TEST(GenerationGameTest, RelativisticTurnsOfTheGeneratorTakeFreshReals) {
  auto config = small_config();
  config.objective.name = "relativistic";
  GenerationGame game(config, {kShape, 0, c10::kCPU, nullptr});
  int64_t batches = 0;
  const auto input = counting(input_for(1), batches);
  game.step(input);
  EXPECT_EQ(batches, 2);
}

/// A loss that turns to NaN when told to.
class Explosive : public Objective {
 public:
  std::string name() const override { return "explosive"; }
  at::Tensor discriminator_loss(const at::Tensor& real, const at::Tensor& fake) const override {
    return (fake.mean() - real.mean()) * factor;
  }
  at::Tensor generator_loss(const at::Tensor& fake, const at::Tensor&) const override { return -fake.mean(); }
  at::Tensor probability(const at::Tensor&) const override { return {}; }
  double factor = 1;
};

TEST(GenerationGameTest, AStepThatIsNotFiniteLeavesNoTrace) {
  auto objective = std::make_shared<Explosive>();
  auto config = small_config();
  config.generator.normalization = "batch";
  GenerationGame game(config, {kShape, 0, c10::kCPU, objective});
  game.step(input_for(1));
  const auto before = copy_of(game.state());
  objective->factor = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(game.step(input_for(2)).finite);
  EXPECT_EQ(largest_difference(before, game.state(), ""), 0);
}

TEST(GenerationGameTest, OnlyTheDiscriminatorMovesBeforeTheGeneratorsFirstStep) {
  Config config = small_config();
  config.generator.first_step = 3;
  GenerationGame game(config, {kShape});
  const auto moved = [&](int64_t step) {
    const auto before = copy_of(game.state());
    game.step(input_for(step));
    std::pair<bool, bool> result;
    for (const auto& [name, tensor] : game.state()) {
      if (name.find(".network.") == std::string::npos || at::equal(tensor, before.at(name))) continue;
      (name.starts_with("generator") ? result.first : result.second) = true;
    }
    return result;
  };
  EXPECT_EQ(moved(2), std::pair(false, true));
  EXPECT_EQ(moved(3), std::pair(true, true));
}

TEST(GenerationGameTest, AdaptiveAugmentationFollowsHowSurelyRealsAreKnown) {
  AugmentationOptions most;
  most.translation = 0.8;
  most.noise = 0.1;
  most.adaptive = true;
  AdaptiveAugmentation augmentation(most);
  EXPECT_EQ(augmentation.options().translation, 0);
  const auto objective = make_objective({.name = "non-saturating"});
  const auto all_known = at::full({1000}, 2.0), seven_of_ten = at::cat({at::full({700}, 2.0), at::full({300}, -2.0)});
  for (int i = 0; i < 50; ++i) augmentation.watch(*objective, all_known);
  EXPECT_NEAR(augmentation.options().translation, 0.4, 1e-9);
  EXPECT_NEAR(augmentation.options().noise, 0.05, 1e-9);
  for (int i = 0; i < 100; ++i) augmentation.watch(*objective, all_known);
  EXPECT_EQ(augmentation.options().translation, 0.8);                         // never more
  for (int i = 0; i < 20; ++i) augmentation.watch(*objective, seven_of_ten);  // r_t = 0.4
  EXPECT_NEAR(augmentation.options().translation, 0.64, 1e-9);
}

TEST(GenerationGameTest, PreviewsRepeatAndChangeNothing) {
  auto config = small_config();
  config.generator.normalization = "batch";
  GenerationGame game(config, {kShape, 0, c10::kCPU, nullptr});
  game.step(input_for(1));
  const auto before = copy_of(game.state());
  const auto first = game.preview({.count = 5, .seed = 3});
  EXPECT_TRUE(at::equal(first, game.preview({.count = 5, .seed = 3})));
  EXPECT_EQ(first.sizes(), (std::vector<int64_t>{5, 1, 16, 16}));
  EXPECT_EQ(largest_difference(before, game.state(), ""), 0);
}

TEST(GenerationGameTest, ClassConditionalGamesTrain) {
  auto config = small_config();
  config.data.labels = true;
  GenerationGame game(config, {kShape, 3, c10::kCPU, nullptr});
  auto input = input_for(1);
  auto next = input.next_batch;
  input.next_batch = [&] {
    auto batch = next();
    batch.labels = at::arange(8, at::kLong) % 3;
    return batch;
  };
  EXPECT_TRUE(game.step(input).finite);
}

}  // namespace
}  // namespace forger
