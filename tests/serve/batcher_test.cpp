#include "serve/batcher.h"

#include <ATen/ops/full.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace forger {
namespace {

using std::chrono::milliseconds;

Work doubling(double value, int64_t rows, std::atomic<int>& runs, std::string key = "double") {
  return {.key = std::move(key),
          .inputs = {at::full({rows, 2}, value)},
          .run = [&runs](const Work::Tensors& all) -> Work::Tensors {
            ++runs;
            return {all[0] * 2};
          }};
}

/// Lets two works run together, so that the next one waits for another.
void crowd(Batcher& batcher) {
  std::promise<void> go;
  const auto may_go = go.get_future().share();
  const auto work = [may_go](std::string key) {
    return Work{.key = std::move(key), .inputs = {}, .run = [may_go](const Work::Tensors&) -> Work::Tensors {
                  may_go.wait();
                  return {};
                }};
  };
  auto first = batcher.add(work("first"));
  while (batcher.counts().runs == 0) std::this_thread::yield();
  auto second = batcher.add(work("crowd")), third = batcher.add(work("crowd"));
  go.set_value();
  first.get(), second.get(), third.get();
}

TEST(BatcherTest, WorksThatComeTogetherRunTogetherAndGetTheirOwn) {
  std::atomic<int> runs = 0;
  Batcher batcher({.most_rows = 8, .wait = milliseconds(500)});
  crowd(batcher);
  auto one = batcher.add(doubling(1, 3, runs)), other = batcher.add(doubling(5, 5, runs));
  const auto first = one.get(), second = other.get();
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(first[0].sizes().vec(), (std::vector<int64_t>{3, 2}));
  EXPECT_TRUE((first[0] == 2).all().item<bool>());
  EXPECT_EQ(second[0].size(0), 5);
  EXPECT_TRUE((second[0] == 10).all().item<bool>());
  EXPECT_EQ(batcher.counts().works, 5);
  EXPECT_EQ(batcher.counts().rows, 11);
}

TEST(BatcherTest, OtherKeysAndTooManyRowsWaitForTheNextRun) {
  std::atomic<int> runs = 0;
  Batcher batcher({.most_rows = 4, .wait = milliseconds(50)});
  auto one = batcher.add(doubling(1, 3, runs)), large = batcher.add(doubling(2, 3, runs)),
       other = batcher.add(doubling(3, 1, runs, "other"));
  EXPECT_TRUE((one.get()[0] == 2).all().item<bool>());
  EXPECT_TRUE((large.get()[0] == 4).all().item<bool>());
  EXPECT_TRUE((other.get()[0] == 6).all().item<bool>());
  EXPECT_EQ(runs, 3);
}

TEST(BatcherTest, OneThatFailsDoesNotSpoilTheOthers) {
  Batcher batcher({.most_rows = 8, .wait = milliseconds(200)});
  crowd(batcher);
  const auto failing = [](double value) {
    return Work{.key = "k", .inputs = {at::full({1}, value)}, .run = [](const Work::Tensors& all) -> Work::Tensors {
                  if ((all[0] < 0).any().item<bool>()) throw std::runtime_error("negative");
                  return {all[0]};
                }};
  };
  auto good = batcher.add(failing(1)), bad = batcher.add(failing(-1));
  EXPECT_EQ(good.get()[0].item<float>(), 1);
  EXPECT_THROW(bad.get(), std::runtime_error);
}

TEST(BatcherTest, BeyondItsLimitItIsBusyAndWhoLeftIsPassedOver) {
  std::promise<void> go;
  const auto may_go = go.get_future().share();
  std::atomic<int> runs = 0;
  Batcher batcher({.most_rows = 1, .wait = milliseconds(0), .most_waiting = 2});
  Work slow{.key = "", .inputs = {}, .run = [may_go](const Work::Tensors&) -> Work::Tensors {
              may_go.wait();
              return {};
            }};
  auto running = batcher.add(std::move(slow));
  while (batcher.counts().runs == 0) std::this_thread::yield();
  auto waits = batcher.add(doubling(1, 1, runs));
  auto left = batcher.add(doubling(1, 1, runs), [] { return true; });
  EXPECT_THROW(batcher.add(doubling(1, 1, runs)), BusyError);
  go.set_value();
  EXPECT_EQ(waits.get().size(), 1u);
  EXPECT_TRUE(left.get().empty());
  EXPECT_EQ(runs, 1);
}

TEST(BatcherTest, ItEndsWhenAllIsDone) {
  std::atomic<int> runs = 0;
  std::future<Work::Tensors> last;
  {
    Batcher batcher({.most_rows = 1, .wait = milliseconds(0)});
    for (int i = 0; i < 20; ++i) last = batcher.add(doubling(1, 1, runs));
  }
  EXPECT_EQ(runs, 20);
  EXPECT_TRUE((last.get()[0] == 2).all().item<bool>());
}

}  // namespace
}  // namespace forger
