#include "games/one_sided_translation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/torch.h"
#include "forger/error.h"
#include "games/exhibit.h"
#include "games/small_sides.h"
#include "objectives/catalog.h"

namespace forger {
namespace {

const Config kOneSided = small_sides("one-sided-translation");

class OneSidedTranslationGameTest : public OnOneThread {};

TEST_F(OneSidedTranslationGameTest, EveryObjectivePlaysAndAllPlayersLearn) {
  auto config = kOneSided;
  for (const auto& objective : objective_names()) {
    config.objective.name = objective;
    config.objective.gradient_penalty = objective == "wasserstein-gp" ? 10 : 0;
    OneSidedTranslationGame game(config, sides_input(3, 3));
    const auto start = copy_of(game.state());
    const auto report = game.step(two_kinds(1));
    EXPECT_TRUE(report.finite) << objective;
    for (const char* loss : {"generator", "discriminator", "contrast", "identity"})
      EXPECT_TRUE(std::isfinite(report.losses.at(loss))) << objective << " " << loss;
    for (const char* player : {"generator.", "discriminator.", "heads."})
      EXPECT_GT(change(start, game.state(), std::string(player) + "network."), 0) << objective << " " << player;
  }
}

TEST_F(OneSidedTranslationGameTest, PlacesAreFoundAgainSurerWithTraining) {
  auto config = kOneSided;
  config.translator.learning_rate = 5e-3;
  OneSidedTranslationGame game(config, sides_input(3, 3));
  const auto first = game.step(two_kinds(1)).losses.at("contrast");
  StepReport last;
  for (int64_t step = 2; step <= 15; ++step) last = game.step(two_kinds(step));
  EXPECT_LT(last.losses.at("contrast"), first);
}

TEST_F(OneSidedTranslationGameTest, WithoutIdentityItIsNotMeasured) {
  auto config = kOneSided;
  config.contrast.identity = 0;
  OneSidedTranslationGame game(config, sides_input(3, 3));
  const auto report = game.step(two_kinds(1));
  EXPECT_TRUE(report.finite);
  EXPECT_FALSE(report.losses.contains("identity"));
}

TEST_F(OneSidedTranslationGameTest, StepsFollowFromTheirNumbers) {
  OneSidedTranslationGame one(kOneSided, sides_input(1, 1)), other(kOneSided, sides_input(1, 1));
  for (int64_t step = 1; step <= 2; ++step)
    EXPECT_EQ(one.step(two_kinds(step, 1, 1)).losses, other.step(two_kinds(step, 1, 1)).losses);
  const auto batch = two_kinds(3, 1, 1).next_batch();
  const auto exhibit = one.exhibit();
  exhibit->show(one.state());
  EXPECT_TRUE(at::allclose(exhibit->generate({.sources = batch.sources}, true),
                           one.preview({.count = 4, .sources = batch.sources}), 1e-5, 1e-5));
  EXPECT_FALSE(one.preview_back({.count = 4, .sources = batch.images}).defined());
}

TEST_F(OneSidedTranslationGameTest, BothSidesHaveTheSameChannels) {
  EXPECT_THROW(OneSidedTranslationGame(kOneSided, sides_input(3, 1)), Error);
}

TEST_F(OneSidedTranslationGameTest, AModelHasOneWay) {
  const auto parts = OneSidedTranslationGame(kOneSided, sides_input(3, 3)).parts();
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].role, "generator");
}

}  // namespace
}  // namespace forger
