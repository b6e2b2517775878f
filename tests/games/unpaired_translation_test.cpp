#include "games/unpaired_translation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/torch.h"
#include "games/exhibit.h"
#include "games/small_sides.h"
#include "objectives/catalog.h"

namespace forger {
namespace {

const Config kSmall = small_sides("unpaired-translation");

class UnpairedTranslationGameTest : public OnOneThread {};

TEST_F(UnpairedTranslationGameTest, EveryObjectivePlaysAndBothWaysLearn) {
  auto config = kSmall;
  for (const auto& objective : objective_names()) {
    config.objective.name = objective;
    config.objective.gradient_penalty = objective == "wasserstein-gp" ? 10 : 0;
    UnpairedTranslationGame game(config, sides_input(3, 3));
    const auto start = copy_of(game.state());
    const auto report = game.step(two_kinds(1));
    EXPECT_TRUE(report.finite) << objective;
    for (const char* loss :
         {"generator", "generator-back", "discriminator", "discriminator-back", "way_back", "identity"})
      EXPECT_TRUE(std::isfinite(report.losses.at(loss))) << objective << " " << loss;
    for (const char* player : {"generator.", "generator-back.", "discriminator.", "discriminator-back."})
      EXPECT_GT(change(start, game.state(), std::string(player) + "network."), 0) << objective << " " << player;
  }
}

TEST_F(UnpairedTranslationGameTest, BothWaysBeginWithOtherWeights) {
  UnpairedTranslationGame game(kSmall, sides_input(3, 3));
  const auto state = game.state();
  for (const char* player : {"generator", "discriminator"}) {
    const auto prefix = std::string(player) + ".network.";
    for (const auto& [name, tensor] : state) {
      if (!name.starts_with(prefix) || tensor.dim() != 4) continue;
      EXPECT_FALSE(
          at::equal(tensor, state.at(std::string(player) + "-back" + name.substr(std::string(player).size()))));
    }
  }
}

TEST_F(UnpairedTranslationGameTest, SidesMayHaveOtherChannelsAndThenIdentityDoesNotCount) {
  UnpairedTranslationGame game(kSmall, sides_input(3, 1));
  const auto report = game.step(two_kinds(1, 3, 1));
  EXPECT_TRUE(report.finite);
  EXPECT_FALSE(report.losses.contains("identity"));
  const auto batch = two_kinds(2, 3, 1).next_batch();
  EXPECT_EQ(game.preview({.count = 4, .sources = batch.sources}).sizes(), batch.images.sizes());
  EXPECT_EQ(game.preview_back({.count = 4, .sources = batch.images}).sizes(), batch.sources.sizes());
}

TEST_F(UnpairedTranslationGameTest, ThereAndBackAnImageBecomesLikerItself) {
  auto config = kSmall;
  config.translator.learning_rate = 5e-3;
  UnpairedTranslationGame game(config, sides_input(3, 3));
  const auto first = game.step(two_kinds(1)).losses.at("way_back");
  StepReport last;
  for (int64_t step = 2; step <= 15; ++step) last = game.step(two_kinds(step));
  EXPECT_LT(last.losses.at("way_back"), 0.8 * first);
}

TEST_F(UnpairedTranslationGameTest, APassOfBothKindsGivesWhatTwoPassesGive) {
  // Losses with weights of 0 but for identity, whose images share a pass with the others.
  auto config = kSmall;
  UnpairedTranslationGame game(config, sides_input(3, 3));
  const auto batch = two_kinds(1).next_batch();
  const auto same = game.preview({.count = 4, .sources = batch.images});
  const auto same_back = game.preview_back({.count = 4, .sources = batch.sources});
  const double expected =
      ((same - batch.images).abs().mean() + (same_back - batch.sources).abs().mean()).item<double>();
  EXPECT_NEAR(game.step(two_kinds(1)).losses.at("identity"), expected, 1e-5);
}

TEST_F(UnpairedTranslationGameTest, AResumedGameIsTheOneThatWasNotStopped) {
  auto config = kSmall;
  config.translator.dropout = 0.2;
  config.augmentation = {.flip = 0.5, .adaptive = true};
  UnpairedTranslationGame whole(config, sides_input(3, 3)), resumed(config, sides_input(3, 3));
  for (int64_t step = 1; step <= 4; ++step) whole.step(two_kinds(step));
  {
    torch::NoGradGuard no_grad;
    const auto saved = copy_of(whole.state());
    EXPECT_TRUE(saved.contains("pool.images") && saved.contains("pool-back.count"));
    for (const auto& [name, tensor] : resumed.state()) at::Tensor(tensor).copy_(saved.at(name));
  }
  for (int64_t step = 5; step <= 6; ++step)
    EXPECT_EQ(whole.step(two_kinds(step)).losses, resumed.step(two_kinds(step)).losses);
  EXPECT_EQ(change(copy_of(whole.state()), resumed.state(), ""), 0);
}

TEST_F(UnpairedTranslationGameTest, AStepThatWasNotAppliedLeavesThePoolsAsTheyAre) {
  UnpairedTranslationGame game(kSmall, sides_input(3, 3));
  game.step(two_kinds(1));
  const auto before = copy_of(game.state());
  auto input = two_kinds(2);
  input.next_batch = [next = input.next_batch] {
    auto batch = next();
    batch.images = batch.images * std::nan("");
    return batch;
  };
  EXPECT_FALSE(game.step(input).finite);
  EXPECT_EQ(change(before, game.state(), "pool"), 0);
}

TEST_F(UnpairedTranslationGameTest, ItsExhibitIsOfTheFirstWayAndKnowsNoTruth) {
  UnpairedTranslationGame game(kSmall, sides_input(3, 3));
  game.step(two_kinds(1));
  const auto exhibit = game.exhibit();
  exhibit->show(game.state());
  EXPECT_TRUE(exhibit->imitates_data());
  EXPECT_FALSE(exhibit->has_truths());
  const auto batch = two_kinds(2).next_batch();
  const auto images = exhibit->generate({.sources = batch.sources}, /*averaged=*/true);
  EXPECT_TRUE(at::allclose(images, game.preview({.count = 4, .sources = batch.sources}), 1e-5, 1e-5));
  EXPECT_TRUE(std::isfinite(exhibit->learning_signal(batch.images, {.sources = batch.sources}).at_images));
}

TEST_F(UnpairedTranslationGameTest, ItsOtherExhibitIsOfTheWayBack) {
  UnpairedTranslationGame game(kSmall, sides_input(3, 1));
  game.step(two_kinds(1, 3, 1));
  const auto exhibit = game.exhibit_back();
  auto state = game.state();
  exhibit->show(state);
  const auto batch = two_kinds(2, 3, 1).next_batch();
  const auto made = exhibit->generate({.sources = batch.images}, /*averaged=*/true);
  EXPECT_EQ(made.size(1), 1);
  EXPECT_TRUE(at::allclose(made, game.preview_back({.count = 4, .sources = batch.images}), 1e-5, 1e-5));
  EXPECT_TRUE(std::isfinite(exhibit->learning_signal(batch.sources, {.sources = batch.images}).at_images));
  // Its discriminator is that of the sources' kind.
  const auto answers = exhibit->logits(batch.sources, {.sources = batch.images});
  for (auto& [name, tensor] : state) {
    if (name.starts_with("discriminator.network.")) tensor = at::zeros_like(tensor);
  }
  exhibit->show(state);
  EXPECT_TRUE(at::equal(exhibit->logits(batch.sources, {.sources = batch.images}), answers));
}

TEST_F(UnpairedTranslationGameTest, AModelHasBothWays) {
  const auto parts = UnpairedTranslationGame(kSmall, sides_input(3, 3)).parts();
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].role, "generator");
  EXPECT_EQ(parts[1].role, "generator-back");
  EXPECT_EQ(parts[1].kind, "translator");
}

}  // namespace
}  // namespace forger
