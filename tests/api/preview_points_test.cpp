#include "api/preview_points.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/torch.h"
#include "forger/training.h"
#include "games/catalog.h"
#include "model/safetensors.h"
#include "run/run_folder.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

/// Real points on the unit circle, fakes near its middle.
const at::Tensor& reals() {
  static const auto angles = at::arange(200, at::kFloat);
  static const auto points = at::stack({angles.cos(), angles.sin()}, 1).view({200, 2, 1, 1});
  return points;
}

Config config_of_points() {
  Config config;
  for (auto* network : {&config.generator.network, &config.discriminator.network, &config.encoder.network}) {
    *network = "mlp";
  }
  for (auto* normalization : {&config.generator.normalization, &config.encoder.normalization}) *normalization = "none";
  config.generator.width = config.discriminator.width = config.encoder.width = 8;
  config.generator.latent_size = 3;
  config.training.precision = "float32";
  return config;
}

nlohmann::ordered_json preview_of(const Config& config, int64_t classes = 0) {
  const auto game = make_game(config, {{2, 1, 1}, classes, c10::kCPU, nullptr});
  const auto exhibit = game->exhibit();
  exhibit->show(game->state());
  return preview_points(*exhibit, config.generator, game->preview({.count = 50}), reals());
}

TEST(PreviewPointsTest, HoldPointsFieldAndManifoldInOneSquare) {
  const auto json = preview_of(config_of_points());
  EXPECT_EQ(json["bounds"], (std::vector<double>{-1.5, 1.5}));
  EXPECT_EQ(json["bounds"], real_points(reals())["bounds"]);
  EXPECT_EQ(real_points(reals())["reals"].size(), 200u);
  EXPECT_NEAR(real_points(reals())["reals"][1][0].get<double>(), std::cos(1.0), 1e-4);
  EXPECT_EQ(json["fakes"].size(), 50u);
  EXPECT_EQ(json["field"]["p_real"].size(), json["field"]["side"].get<size_t>() * json["field"]["side"].get<size_t>());
  const auto& manifold = json["manifold"];
  EXPECT_EQ(manifold["latent_size"], 3);
  EXPECT_EQ(manifold["points"].size(), manifold["columns"].get<size_t>() * manifold["rows"].get<size_t>());
}

TEST(PreviewPointsTest, TheFieldIsTheObjectivesProbabilityAtThePlaces) {
  const auto config = config_of_points();
  const auto game = make_game(config, {{2, 1, 1}, 0, c10::kCPU, nullptr});
  const auto exhibit = game->exhibit();
  exhibit->show(game->state());
  const auto field = preview_points(*exhibit, config.generator, game->preview({.count = 50}), reals())["field"];
  EXPECT_FALSE(field["fitted"]);
  const auto side = field["side"].get<int64_t>();
  const double cell = 3.0 / static_cast<double>(side);
  // The second place of the third row from the top.
  const auto place = at::tensor({-1.5 + 1.5 * cell, 1.5 - 2.5 * cell}, at::kFloat).view({1, 2, 1, 1});
  const double p_real = at::sigmoid(exhibit->lone_logits(place, {})).item<double>();
  EXPECT_NEAR(field["p_real"][static_cast<size_t>(2 * side + 1)].get<double>(), p_real, 1e-3);
}

TEST(PreviewPointsTest, ACriticsFieldIsFitted) {
  for (const char* objective : {"wasserstein-gp", "hinge", "relativistic"}) {
    auto config = config_of_points();
    config.objective.name = objective;
    const auto field = preview_of(config)["field"];
    EXPECT_TRUE(field["fitted"]) << objective;
    for (const auto& p_real : field["p_real"]) {
      EXPECT_GE(p_real.get<double>(), 0) << objective;
      EXPECT_LE(p_real.get<double>(), 1) << objective;
    }
  }
}

TEST(PreviewPointsTest, WithoutADiscriminatorThereIsNoField) {
  auto config = config_of_points();
  config.game = "autoencoding";
  config.autoencoding.adversary = 0;
  EXPECT_TRUE(preview_of(config)["field"].is_null());
}

TEST(PreviewPointsTest, ClassesShareOnePicture) {
  const auto json = preview_of(config_of_points(), 4);
  EXPECT_EQ(json["classes"], 4);
  EXPECT_TRUE(json["field"].is_object());
}

TEST(PreviewPointsTest, ABlownUpCriticHasNoNumbers) {
  auto config = config_of_points();
  config.objective.name = "wasserstein";
  const auto game = make_game(config, {{2, 1, 1}, 0, c10::kCPU, nullptr});
  auto state = game->state();
  for (auto& [name, tensor] : state) tensor = at::full_like(tensor, std::nan(""));
  const auto exhibit = game->exhibit();
  exhibit->show(state);
  const auto json = preview_points(*exhibit, config.generator, at::full({50, 2, 1, 1}, std::nan("")), reals());
  EXPECT_TRUE(json["field"]["p_real"][0].is_null());
  EXPECT_TRUE(json["fakes"][0][0].is_null());
}

TEST(PreviewPointsTest, OfATrainingChangeNothing) {
  Config config = Config::from_recipe("points");
  config.data.source = "synthetic:ring8";
  config.generator.width = config.discriminator.width = 8;
  config.training.batch_size = 8;
  config.training.steps = 6;
  config.training.preview_steps = 0;
  config.training.tensorboard = false;
  const TemporaryFolder folder;
  train(config, folder / "unseen");
  config.training.preview_steps = 2;
  train(config, folder / "seen");
  const auto run = RunFolder::open(folder / "seen");
  for (const auto& file : {run.real_points(), run.preview_points(0), run.preview_points(2), run.preview_points(4)}) {
    EXPECT_TRUE(std::filesystem::exists(file)) << file;
  }
  EXPECT_FALSE(std::filesystem::exists(RunFolder::open(folder / "unseen").preview_points(2)));
  const auto unseen = read_safetensors(RunFolder::open(folder / "unseen").checkpoint(6)).tensors;
  const auto seen = read_safetensors(run.checkpoint(6)).tensors;
  for (const auto& [name, tensor] : unseen) EXPECT_TRUE(at::equal(tensor, seen.at(name))) << name;
}

}  // namespace
}  // namespace forger
