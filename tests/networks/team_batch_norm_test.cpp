#include "networks/team_batch_norm.h"

#include <gmock/gmock.h>

#include <thread>

#include "core/team.h"
#include "core/team_store.h"
#include "core/torch.h"
#include "forger/error.h"

namespace forger {
namespace {

/// Two processes, which are threads here, each with half of the rows.
template <class Work>
void as_two(const Work& work) {
  const TeamStore store;
  std::vector<std::jthread> threads;
  for (int64_t rank = 0; rank < 2; ++rank) {
    threads.emplace_back([&, rank] {
      const auto team = join_team({.rank = rank, .size = 2, .port = store.port(), .starter_keeps_store = true});
      work(*team);
    });
  }
}

TEST(TeamBatchNormTest, HalvesOfABatchAreNormalisedAsTheWhole) {
  auto random = at::make_generator<at::CPUGeneratorImpl>(3);
  const auto whole = (at::randn({6, 4, 5, 3}, random) * 3 + 1).contiguous(at::MemoryFormat::ChannelsLast);
  const auto arriving = at::randn({6, 4, 5, 3}, random);
  const auto weight = at::randn({4}, random), bias = at::randn({4}, random);
  // Each process's loss is the mean of its rows', as gradients are averaged afterwards.
  struct One {
    at::Tensor input, weight, bias, mean = at::zeros({4}), variance = at::ones({4}), output = {};
  };
  const auto leaf = [](const at::Tensor& tensor) { return tensor.detach().clone().requires_grad_(true); };
  One alone{leaf(whole), leaf(weight), leaf(bias)};
  alone.output =
      at::batch_norm(alone.input, alone.weight, alone.bias, alone.mean, alone.variance, true, 0.1, 1e-5, false);
  (alone.output * arriving).sum().backward();

  as_two([&](Team& team) {
    const auto mine = [&](const at::Tensor& rows) { return rows.narrow(0, 3 * team.rank(), 3); };
    One half{leaf(mine(whole)), leaf(weight), leaf(bias)};
    half.output = team_batch_norm(team, half.input, half.weight, half.bias, half.mean, half.variance, 0.1, 1e-5);
    (2 * (half.output * mine(arriving)).sum()).backward();
    EXPECT_TRUE(at::allclose(half.output, mine(alone.output), 1e-5, 1e-5));
    EXPECT_TRUE(at::allclose(half.mean, alone.mean, 1e-5, 1e-6));
    EXPECT_TRUE(at::allclose(half.variance, alone.variance, 1e-5, 1e-6));
    // What arrives at a row comes from both: twice the whole batch's, as everything else before the mean.
    EXPECT_TRUE(at::allclose(half.input.grad(), 2 * mine(alone.input.grad()), 1e-4, 1e-4));
    team.average({half.weight.grad(), half.bias.grad()});
    EXPECT_TRUE(at::allclose(half.weight.grad(), alone.weight.grad(), 1e-4, 1e-4));
    EXPECT_TRUE(at::allclose(half.bias.grad(), alone.bias.grad(), 1e-4, 1e-4));
    EXPECT_TRUE(half.output.is_contiguous(at::MemoryFormat::ChannelsLast));
  });
}

TEST(TeamBatchNormTest, RowsOfNumbersAndBfloat16AreNormalisedToo) {
  as_two([](Team& team) {
    const auto rows = at::full({2, 3}, team.rank() == 0 ? 1.0 : 3.0);
    const auto mean = at::zeros({3}), variance = at::ones({3});
    const auto made = team_batch_norm(team, rows, {}, {}, mean, variance, 1, 0);
    EXPECT_TRUE(at::allclose(made, at::full({2, 3}, team.rank() == 0 ? -1.0 : 1.0)));
    EXPECT_TRUE(at::allclose(mean, at::full({3}, 2.0)));
    EXPECT_TRUE(at::allclose(variance, at::full({3}, 4.0 / 3)));
    const auto half = team_batch_norm(team, rows.to(at::kBFloat16), {}, {}, mean, variance, 1, 0);
    EXPECT_EQ(half.scalar_type(), at::kBFloat16);
    EXPECT_TRUE(at::allclose(half.to(at::kFloat), made, 1e-2, 1e-2));
  });
}

TEST(TeamBatchNormTest, APenaltyOnItsGradientsIsRefused) {
  as_two([](Team& team) {
    const auto rows = at::ones({2, 3}).requires_grad_(true);
    const auto made = team_batch_norm(team, rows, {}, {}, at::zeros({3}), at::ones({3}), 1, 1e-5);
    EXPECT_THROW(torch::autograd::grad({made.sum()}, {rows}, {}, true, /*create_graph=*/true), Error);
  });
}

}  // namespace
}  // namespace forger
