#include "players/player.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/torch.h"
#include "players/precision.h"

namespace forger {
namespace {

/// One weight vector [3], one running statistic and one counter.
struct Line : torch::nn::Module {
  Line() {
    weight = register_parameter("weight", torch::tensor({1.0F, 2.0F, 2.0F}));
    mean = register_buffer("mean", torch::zeros({2}));
    count = register_buffer("count", torch::zeros({}, at::kLong));
  }
  at::Tensor weight, mean, count;
};

OptimizerOptions plain_sgd(double learning_rate) {
  OptimizerOptions options;
  options.optimizer = "sgd";
  options.beta1 = 0;
  options.learning_rate = learning_rate;
  return options;
}

TEST(PlayerTest, ReportGivesNormsInClosedForm) {
  auto network = std::make_shared<Line>();
  Player player("line", network, plain_sgd(0.5));
  player.begin_turn();
  player.add_gradient((network->weight * torch::tensor({3.0F, 0.0F, 4.0F})).sum());
  ASSERT_TRUE(player.end_turn());
  // weights: (1, 2, 2) - 0.5 * (3, 0, 4) = (-0.5, 2, 0)
  EXPECT_NEAR(player.report().gradient_norm, 5, 1e-6);
  EXPECT_NEAR(player.report().weight_norm, std::sqrt(4.25), 1e-6);
  EXPECT_NEAR(player.report().update_ratio, 2.5 / std::sqrt(4.25), 1e-6);
  EXPECT_DOUBLE_EQ(player.report().learning_rate, 0.5);
}

TEST(PlayerTest, GradientsOfOneTurnAddUpAndDoNotLeakIntoTheNext) {
  auto network = std::make_shared<Line>();
  Player player("line", network, plain_sgd(0.1));
  for (int turn = 0; turn < 2; ++turn) {
    player.begin_turn();
    player.add_gradient(network->weight.sum());
    player.add_gradient(network->weight.sum());
    player.end_turn();
    EXPECT_NEAR(player.report().gradient_norm, 2 * std::sqrt(3.0), 1e-6);
  }
}

TEST(PlayerTest, AStepThatIsNotFiniteLeavesTheWeights) {
  for (const double poison : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    auto network = std::make_shared<Line>();
    Player player("line", network, OptimizerOptions{});
    player.begin_turn();
    player.add_gradient(network->weight.sum() * poison);
    EXPECT_FALSE(player.end_turn());
    EXPECT_TRUE(at::equal(network->weight.detach(), torch::tensor({1.0F, 2.0F, 2.0F})));
  }
}

TEST(PlayerTest, AverageWarmsUpAndTakesBuffersAlong) {
  auto network = std::make_shared<Line>();
  auto averaged = std::make_shared<Line>();
  Player player("line", network, plain_sgd(1), averaged, 0.5);
  {
    torch::NoGradGuard no_grad;
    network->weight.zero_();
    network->mean.fill_(8);
    network->count.fill_(3);
  }
  player.update_average(0);  // decay = min(0.5, 1 / 10)
  EXPECT_NEAR(averaged->weight[1].item<double>(), 0.2, 1e-6);
  EXPECT_NEAR(averaged->mean[0].item<double>(), 7.2, 1e-6);
  EXPECT_EQ(averaged->count.item<int64_t>(), 3);
  player.update_average(1000);  // decay = 0.5
  EXPECT_NEAR(averaged->weight[1].item<double>(), 0.1, 1e-6);
}

TEST(PlayerTest, KeptBuffersComeBack) {
  auto network = std::make_shared<Line>();
  Player player("line", network, plain_sgd(1));
  player.keep_buffers();
  network->mean.fill_(std::numeric_limits<float>::quiet_NaN());
  network->count.fill_(7);
  player.restore_buffers();
  EXPECT_TRUE(at::equal(network->mean, torch::zeros({2})));
  EXPECT_EQ(network->count.item<int64_t>(), 0);
}

TEST(PlayerTest, ClippedWeightsStayWithinTheLimit) {
  auto network = std::make_shared<Line>();
  Player player("line", network, plain_sgd(1));
  player.clip_weights(1.5);
  EXPECT_TRUE(at::equal(network->weight.detach(), torch::tensor({1.0F, 1.5F, 1.5F})));
}

TEST(PlayerTest, FrozenWeightsTakeNoGradientAndThawAfterwards) {
  auto network = std::make_shared<Line>();
  Player player("line", network, plain_sgd(1));
  {
    Frozen frozen(player);
    EXPECT_FALSE(network->weight.requires_grad());
  }
  EXPECT_TRUE(network->weight.requires_grad());
}

TEST(PlayerTest, StateHoldsEverythingUnderThePlayersName) {
  Player player("line", std::make_shared<Line>(), OptimizerOptions{}, std::make_shared<Line>(), 0.9);
  const auto state = player.state();
  for (const char* key :
       {"line.network.weight", "line.network.mean", "line.network.count", "line.averaged.weight", "line.averaged.mean",
        "line.optimizer.mean.0", "line.optimizer.square.0", "line.optimizer.steps.0"}) {
    EXPECT_TRUE(state.contains(key)) << key;
  }
}

TEST(PrecisionTest, ProductsRunInBfloat16InsideAndInFloat32Within) {
  const auto left = torch::ones({4, 4});
  {
    Precision outer(c10::kCPU, true);
    EXPECT_EQ(at::matmul(left, left).scalar_type(), at::kBFloat16);
    {
      Precision inner(c10::kCPU, false);
      EXPECT_EQ(at::matmul(left, left).scalar_type(), at::kFloat);
    }
    EXPECT_EQ(at::matmul(left, left).scalar_type(), at::kBFloat16);
  }
  EXPECT_EQ(at::matmul(left, left).scalar_type(), at::kFloat);
}

}  // namespace
}  // namespace forger
