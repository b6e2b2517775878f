#include "players/player.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>

#include "core/as_team.h"
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
  player.add_gradient((network->weight * torch::tensor({3.0F, 0.0F, 4.0F})).sum(), /*is_last=*/true);
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
    player.add_gradient(network->weight.sum(), /*is_last=*/false);
    player.add_gradient(network->weight.sum(), /*is_last=*/true);
    player.end_turn();
    EXPECT_NEAR(player.report().gradient_norm, 2 * std::sqrt(3.0), 1e-6);
  }
}

TEST(PlayerTest, AStepThatIsNotFiniteLeavesTheWeights) {
  for (const double poison : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    auto network = std::make_shared<Line>();
    Player player("line", network, OptimizerOptions{});
    player.begin_turn();
    player.add_gradient(network->weight.sum() * poison, /*is_last=*/true);
    EXPECT_FALSE(player.end_turn());
    EXPECT_TRUE(at::equal(network->weight.detach(), torch::tensor({1.0F, 2.0F, 2.0F})));
  }
}

/// Two matrices of half a million weights, one after the other, and one that no loss depends on.
struct TwoLayers : torch::nn::Module {
  TwoLayers() {
    const auto ramp = at::arange(kSide * kSide, at::kFloat).remainder(7).view({kSide, kSide}) / kSide;
    first = register_parameter("first", ramp);
    second = register_parameter("second", ramp.detach().flip(0));
    idle = register_parameter("idle", at::ones({2}));
  }
  static constexpr int64_t kSide = 700;
  at::Tensor first, second, idle;
};

TEST(PlayerTest, GradientsOfATeamAreItsMeanAndTravelDuringTheBackwardPass) {
  const auto batch = at::arange(4 * TwoLayers::kSide, at::kFloat).remainder(11).view({4, TwoLayers::kSide});
  // Two parts of a turn; `behind` is called when the gradient has passed the second layer, and not yet the first.
  const auto gradients = [](const at::Tensor& inputs, const std::function<void()>& behind) {
    auto network = std::make_shared<TwoLayers>();
    Player player("layers", network, plain_sgd(0.1));
    player.begin_turn();
    player.add_gradient(network->second.square().sum(), /*is_last=*/false);
    auto hidden = inputs.matmul(network->first);
    hidden.register_hook([&](const at::Tensor& gradient) {
      behind();
      return gradient;
    });
    player.add_gradient(hidden.matmul(network->second).square().mean(), /*is_last=*/true);
    EXPECT_TRUE(player.end_turn());
    return std::vector<at::Tensor>{network->first.grad(), network->second.grad(), network->idle.grad()};
  };
  const auto alone = gradients(batch, [] {});
  for (const bool shares_memory : {true, false}) {
    const auto errors = as_team(
        2,
        [&](Team& team) {
          const TeamStep step(&team, /*shares_statistics=*/true);
          const int64_t before = team.bytes_sent();
          int64_t behind = 0;
          const auto own = gradients(batch.narrow(0, 2 * team.rank(), 2), [&] { behind = team.bytes_sent() - before; });
          for (size_t i = 0; i < own.size(); ++i) EXPECT_TRUE(at::allclose(own[i], alone[i], 1e-5, 1e-6)) << i;
          EXPECT_EQ(own[2].abs().sum().item<float>(), 0);
          const int64_t layer = 4 * TwoLayers::kSide * TwoLayers::kSide;
          EXPECT_EQ(behind, shares_memory ? 0 : layer);
          EXPECT_EQ(team.bytes_sent() - before, 2 * layer + 8);
        },
        shares_memory);
    EXPECT_THAT(errors, testing::Each("")) << shares_memory;
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
    Precision outer(c10::kCPU, /*is_last=*/true);
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
