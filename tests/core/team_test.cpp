#include "core/team.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <thread>

#include "core/as_team.h"
#include "core/item_random.h"
#include "core/team_store.h"
#include "core/torch.h"

namespace forger {
namespace {

TEST(TeamTest, NumbersAreAddedUpGatheredAndShared) {
  expect_good(3, [](Team& team) {
    const auto mine = at::full({2}, static_cast<double>(team.rank() + 1));
    EXPECT_TRUE(at::equal(team.gather(mine), at::tensor({1.0F, 1.0F, 2.0F, 2.0F, 3.0F, 3.0F})));
    team.sum(mine);
    EXPECT_TRUE(at::equal(mine, at::full({2}, 6.0F)));

    const auto weights =
        at::full({2, 3, 2, 2}, static_cast<double>(team.rank())).contiguous(at::MemoryFormat::ChannelsLast);
    const auto count = at::full({}, team.rank() + 7, at::kLong);
    team.share(std::vector<at::Tensor>{weights, count});
    EXPECT_EQ(weights.abs().sum().item<float>(), 0);
    EXPECT_EQ(count.item<int64_t>(), 7);

    EXPECT_FALSE(team.all(team.rank() != 1));
    EXPECT_TRUE(team.all(true));
    EXPECT_EQ(team.text("from " + std::to_string(team.rank())), "from 0");
    EXPECT_THAT(team.texts(std::to_string(team.rank())), testing::ElementsAre("0", "1", "2"));
  });
}

TEST(TeamTest, MessagesOfEverySizeComeWhole) {
  for (const int64_t size : {2, 3}) {
    expect_good(size, [](Team& team) {
      const int64_t all = team.size() * (team.size() + 1) / 2;
      const int64_t rank = team.rank();
      for (const int64_t count : {1, 7, 8'191, 131'072, 131'073, 1'000'003}) {
        for (const auto kind : {at::kFloat, at::kDouble, at::kLong}) {
          const auto ramp = at::arange(count, at::kDouble).remainder(1000).to(kind);
          const auto mine = ramp * (rank + 1);
          team.sum(mine);
          EXPECT_TRUE(at::equal(mine, ramp * all)) << count << " " << kind;

          const auto shared = ramp + rank;
          team.share(shared);
          EXPECT_TRUE(at::equal(shared, ramp)) << count;

          const auto gathered = team.gather(ramp + rank).view({team.size(), count});
          EXPECT_TRUE(at::equal(gathered, ramp + at::arange(team.size(), kind).view({-1, 1}))) << count;
        }
      }
    });
  }
}

TEST(TeamTest, TheMeanKeepsEachTensorsPlacesWhateverItsOrderInMemory) {
  expect_good(2, [](Team& team) {
    const auto numbers = at::arange(24, at::kFloat).view({2, 3, 2, 2}) + 10 * static_cast<double>(team.rank());
    const auto across = at::arange(6, at::kFloat).view({2, 3}).t();
    const auto tensors = std::vector<at::Tensor>{numbers.contiguous(at::MemoryFormat::ChannelsLast), across,
                                                 at::zeros({4}).narrow(0, 1, 2)};
    team.average(tensors);
    EXPECT_TRUE(at::equal(tensors[0], at::arange(24, at::kFloat).view({2, 3, 2, 2}) + 5));
    EXPECT_TRUE(at::equal(tensors[1], at::arange(6, at::kFloat).view({2, 3}).t()));
  });
}

TEST(TeamTest, OutsideOfAStepOrAloneABatchIsWhole) {
  const auto rows = at::ones({2});
  EXPECT_EQ(present_team(), nullptr);
  EXPECT_TRUE(of_whole_batch(rows).is_same(rows));
  EXPECT_TRUE(mean_of_team(rows).is_same(rows));
  EXPECT_FALSE(is_finite_everywhere(std::nan("")));
  EXPECT_TRUE(is_finite_everywhere(1));
}

TEST(TeamTest, GradientsOfTheWholeBatchAreThoseOfOneProcess) {
  // A loss that no part of the batch knows alone.
  const auto loss_of = [](const at::Tensor& answers) { return answers.exp().mean().log() + answers.square().mean(); };
  const auto inputs = at::arange(8, at::kFloat).view({4, 2}) / 8;
  const auto alone = at::tensor({0.5F, -0.25F}).requires_grad_(true);
  (loss_of(inputs.matmul(alone)) + inputs.matmul(alone).mean().square()).backward();
  expect_good(2, [&](Team& team) {
    const TeamStep step(&team, /*shares_statistics=*/true);
    const auto weights = alone.detach().clone().requires_grad_(true);
    const auto answers = inputs.narrow(0, 2 * team.rank(), 2).matmul(weights);
    (loss_of(of_whole_batch(answers)) + mean_of_team(answers.mean()).square()).backward();
    team.average({weights.grad()});
    EXPECT_TRUE(at::allclose(weights.grad(), alone.grad(), 1e-5, 1e-6));
    EXPECT_FALSE(is_finite_everywhere(team.rank() == 0 ? 1.0 : INFINITY));
  });
}

TEST(TeamTest, EveryRowIsDrawnAsOneProcessDrawsIt) {
  expect_good(2, [](Team& team) {
    const auto rows = team.rows(6);
    const ItemRandom whole(5), mine(5, rows);
    const auto all = whole.normal({6, 2});
    EXPECT_TRUE(at::equal(mine.normal({3, 2}), all.narrow(0, 3 * team.rank(), 3)));
    // Two batches, one after the other.
    const auto two = whole.uniform({12, 2}), own = mine.uniform({6, 2});
    EXPECT_TRUE(at::equal(own.narrow(0, 0, 3), two.narrow(0, rows.first, 3)));
    EXPECT_TRUE(at::equal(own.narrow(0, 3, 3), two.narrow(0, 6 + rows.first, 3)));
    EXPECT_TRUE(at::equal(mine.for_all().uniform({6}), whole.uniform({6})));
    EXPECT_TRUE(at::equal(mine.branch().uniform({3}), whole.branch().uniform({6}).narrow(0, rows.first, 3)));
  });
}

TEST(TeamTest, ABatchThatCannotBeSharedOutIsRefusedWithTheNearestSizes) {
  expect_good(3, [](Team& team) {
    try {
      team.rows(7);
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::StartsWith("training.batch_size: received 7 items for 3 processes"));
      EXPECT_THAT(error.what(), testing::HasSubstr("6 or 9"));
    }
    EXPECT_THROW(team.rows(2), Error);
  });
}

TEST(TeamTest, OneThatLeavesEndsTheOthersWithItsReason) {
  for (const bool shares_memory : {true, false}) {
    const auto leaves = [](Team& team) {
      if (team.rank() == 1) {
        team.leave("no data here");
        return;
      }
      team.sum(at::ones({1}));
    };
    const auto errors = as_team(3, leaves, shares_memory);
    EXPECT_EQ(errors[1], "");
    for (const size_t rank : {0, 2}) {
      EXPECT_THAT(errors[rank],
                  testing::AllOf(testing::StartsWith("rank 1 on "), testing::EndsWith("left: no data here")));
    }
  }
}

TEST(TeamTest, OneThatDoesNotComeIsNamed) {
  const TeamStore store;
  const auto start = std::chrono::steady_clock::now();
  try {
    join_team({.rank = 0, .size = 2, .port = store.port(), .starter_keeps_store = true, .timeout_seconds = 1});
    FAIL();
  } catch (const TeamError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("rank 1 did not come within 1 s"));
    EXPECT_FALSE(error.is_told());
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

/// Sets variables of the environment while it lives.
class Environment {
 public:
  explicit Environment(std::vector<std::pair<std::string, std::string>> variables) : variables_(std::move(variables)) {
    for (const auto& [name, value] : variables_) ::setenv(name.c_str(), value.c_str(), 1);
  }
  ~Environment() {
    for (const auto& [name, value] : variables_) ::unsetenv(name.c_str());
  }

 private:
  std::vector<std::pair<std::string, std::string>> variables_;
};

TEST(TeamInEnvironmentTest, TorchrunSlurmAndMpiSayWhoIsWho) {
  EXPECT_FALSE(team_in_environment());
  {
    const Environment torchrun({{"RANK", "3"},
                                {"WORLD_SIZE", "8"},
                                {"MASTER_ADDR", "host"},
                                {"MASTER_PORT", "1234"},
                                {"TORCHELASTIC_RESTART_COUNT", "2"},
                                {"TORCHELASTIC_MAX_RESTARTS", "5"}});
    const auto team = team_in_environment();
    ASSERT_TRUE(team);
    EXPECT_EQ(team->rank, 3);
    EXPECT_EQ(team->size, 8);
    EXPECT_EQ(team->address, "host");
    EXPECT_EQ(team->port, 1234);
    EXPECT_EQ(team->restarts, 2);
    EXPECT_TRUE(team->may_restart);
  }
  {
    const Environment slurm(
        {{"SLURM_PROCID", "0"}, {"SLURM_STEP_NUM_TASKS", "2"}, {"SLURM_STEP_NODELIST", "gpu[07-09,12],x1"}});
    EXPECT_EQ(team_in_environment()->address, "gpu07");
  }
  {
    const Environment slurm(
        {{"SLURM_PROCID", "0"}, {"SLURM_STEP_NUM_TASKS", "2"}, {"SLURM_STEP_NODELIST", "a1,b[2-3]"}});
    EXPECT_EQ(team_in_environment()->address, "a1");
  }
  const Environment mpi({{"OMPI_COMM_WORLD_RANK", "1"}, {"OMPI_COMM_WORLD_SIZE", "2"}, {"MASTER_ADDR", "host"}});
  EXPECT_EQ(team_in_environment()->rank, 1);
  const Environment one({{"OMPI_COMM_WORLD_SIZE", "1"}, {"OMPI_COMM_WORLD_RANK", "0"}});
  EXPECT_FALSE(team_in_environment());
}

TEST(TeamInEnvironmentTest, WhatIsMissingOrWrongIsNamed) {
  const auto message = [](const std::vector<std::pair<std::string, std::string>>& variables) -> std::string {
    const Environment environment(variables);
    try {
      team_in_environment();
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  EXPECT_THAT(message({{"WORLD_SIZE", "2"}}), testing::StartsWith("RANK: WORLD_SIZE is set"));
  EXPECT_THAT(message({{"WORLD_SIZE", "2"}, {"RANK", "2"}}),
              testing::HasSubstr("RANK: received \"2\", accepted: a whole number from 0 to 1"));
  EXPECT_THAT(message({{"WORLD_SIZE", "2"}, {"RANK", "1"}}), testing::StartsWith("MASTER_ADDR is not set"));
  EXPECT_THAT(message({{"WORLD_SIZE", "2"}, {"RANK", "1"}, {"MASTER_ADDR", "h"}, {"MASTER_PORT", "x"}}),
              testing::StartsWith("MASTER_PORT: "));
}

}  // namespace
}  // namespace forger
