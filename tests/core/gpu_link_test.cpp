#include "core/gpu_link.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/as_team.h"
#include "core/fail.h"
#include "core/torch.h"

namespace forger {
namespace {

constexpr const char* kStandIn = FORGER_NCCL_STAND_IN;

/// While it lives, the library that stands in for NCCL does this wrong.
struct Wrong {
  explicit Wrong(const char* what) { setenv("FORGER_STAND_IN", what, 1); }
  ~Wrong() { unsetenv("FORGER_STAND_IN"); }
};

/// What a process has where numbers in main memory pass for those of a GPU.
Gpu stand_in(const Team& team) { return {at::kCPU, "the one of rank " + std::to_string(team.rank()), kStandIn}; }

/// Why the processes are not connected, as each says it.
std::vector<std::string> reasons(int64_t size, const std::function<Gpu(const Team&)>& gpu) {
  std::vector<std::string> said(static_cast<size_t>(size));
  const auto connect = [&](Team& team) { said[static_cast<size_t>(team.rank())] = team.connect_gpus(gpu(team)); };
  EXPECT_THAT(as_team(size, connect), testing::Each(""));
  return said;
}

TEST(GpuLinkTest, AllSayWhyTheyAreNotConnected) {
  EXPECT_THAT(reasons(2, [](const Team&) { return gpu_at(at::kCPU); }), testing::Each(""));
  EXPECT_THAT(reasons(3, [](const Team& team) { return team.rank() == 1 ? gpu_at(at::kCPU) : stand_in(team); }),
              testing::Each("rank 1 has no GPU"));
  EXPECT_THAT(reasons(3, [](const Team& team) { return Gpu{at::kCPU, team.rank() == 0 ? "a" : "b", kStandIn}; }),
              testing::Each("ranks 1 and 2 have one GPU"));
  EXPECT_THAT(reasons(2, [](const Team& team) { return Gpu{at::kCPU, stand_in(team).name, "/nowhere/libnccl.so.2"}; }),
              testing::Each("rank 0: no /nowhere/libnccl.so.2 is there"));
  {
    const Wrong wrong("refuse");
    EXPECT_THAT(reasons(2, stand_in), testing::Each("rank 0: ncclCommInitRank: invalid usage"));
  }
  const Wrong wrong("spoil");
  EXPECT_THAT(reasons(2, stand_in), testing::Each("rank 0: other numbers arrived by NCCL than were sent"));
}

TEST(GpuLinkTest, WhoIsAloneWaitsNoLongerThanItMay) {
  const auto nccl = std::make_shared<Nccl>(kStandIn);
  const auto wait = [&](const std::function<void()>& look, double seconds) {
    GpuLink(nccl, nccl->invitation(), /*rank=*/0, /*size=*/2, at::kCPU, look, seconds);
  };
  EXPECT_THAT([&] { wait([] {}, 0.1); }, testing::ThrowsMessage<Error>("NCCL found not all within 0.1 s"));
  EXPECT_THAT([&] { wait([] { fail("rank 1 has ended"); }, 60); }, testing::ThrowsMessage<Error>("rank 1 has ended"));
}

TEST(GpuLinkTest, TheTrialOfHundredsIsExact) {
  constexpr int64_t kMany = 250;
  const auto invitation = Nccl(kStandIn).invitation();
  std::vector<std::string> errors(kMany);
  std::vector<std::jthread> threads;
  for (int64_t rank = 0; rank < kMany; ++rank) {
    threads.emplace_back([&, rank] {
      try {
        GpuLink(std::make_shared<Nccl>(kStandIn), invitation, rank, kMany, at::kCPU, [] {}, /*seconds=*/60);
      } catch (const std::exception& error) {
        errors[static_cast<size_t>(rank)] = error.what();
      }
    });
  }
  threads.clear();
  EXPECT_THAT(errors, testing::Each(""));
}

TEST(GpuLinkTest, ATeamOfGpusExchangesWhatOneOfProcessorsDoes) {
  for (const bool shares_memory : {true, false}) {
    const auto errors = as_team(
        3,
        [](Team& team) {
          const auto exchange = [&] {
            std::vector<at::Tensor> all;
            for (const auto kind : {at::kFloat, at::kDouble, at::kLong}) {
              const auto ramp =
                  (at::arange(12, at::kDouble) * static_cast<double>(team.rank() + 1)).to(kind).view({3, 4});
              all.push_back(team.gather(ramp));
              all.push_back(team.gather(ramp.t()));
              all.push_back(ramp.clone());
              team.share(all.back());
              all.push_back(ramp.clone());
              team.sum(all.back());
            }
            const auto flags = at::arange(3).eq(team.rank());
            all.push_back(flags.clone());
            team.share(all.back());
            const auto mean =
                at::full({2, 3, 2, 2}, static_cast<double>(team.rank())).contiguous(at::MemoryFormat::ChannelsLast);
            const auto more = at::full({5}, 2.0 * static_cast<double>(team.rank()));
            team.average({mean, more});
            all.push_back(mean);
            all.push_back(more);
            return all;
          };
          const int64_t before = team.bytes_sent();
          const auto by_processor = exchange();
          const int64_t between = team.bytes_sent();
          EXPECT_EQ(team.connect_gpus(stand_in(team)), "");
          EXPECT_FALSE(team.sums_meanwhile(at::empty({1})));
          const auto by_gpu = exchange();
          EXPECT_EQ(team.bytes_sent() - between, between - before);
          for (size_t i = 0; i < by_gpu.size(); ++i) EXPECT_TRUE(at::equal(by_gpu[i], by_processor[i])) << i;
        },
        shares_memory);
    EXPECT_THAT(errors, testing::Each("")) << shares_memory;
  }
}

}  // namespace
}  // namespace forger
