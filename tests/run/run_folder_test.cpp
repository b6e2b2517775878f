#include "run/run_folder.h"

#include <gmock/gmock.h>

#include <functional>

#include "core/torch.h"
#include "forger/error.h"
#include "run/checkpoint.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TrainingState state_at(int64_t step) {
  TrainingState state;
  state.progress.step = step;
  state.progress.images = 64 * step;
  state.progress.seconds = 1.5;
  state.progress.rate_factor = 0.5;
  state.progress.rolled_back = true;
  state.progress.position = 17;
  state.tensors["a"] = at::full({2, 3}, static_cast<double>(step), at::kFloat);
  return state;
}

TEST(RunFolderTest, ANewRunHasItsConfigurationBeforeAnythingElse) {
  const TemporaryFolder folder;
  Config config;
  config.data.source = "somewhere";
  const auto run = RunFolder::create(folder / "run", config);
  EXPECT_EQ(Config::from_file(run.config()).data.source, "somewhere");
}

TEST(RunFolderTest, ASecondTrainerFindsTheFolderLocked) {
  const TemporaryFolder folder;
  const auto run = RunFolder::create(folder / "run", {});
  EXPECT_THAT(message_of([&] { RunFolder::open_to_train(folder / "run"); }), testing::HasSubstr("locked"));
  RunFolder::open(folder / "run");  // readers may
}

TEST(RunFolderTest, AFolderWithOtherThingsIsRefusedAndLeftAlone) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "mine.txt", "mine");
  EXPECT_THAT(message_of([&] { RunFolder::create(folder.path(), {}); }), testing::HasSubstr("not an empty folder"));
  EXPECT_FALSE(RunFolder::is_run(folder.path()));
  EXPECT_THAT(message_of([&] { RunFolder::open(folder.path()); }), testing::HasSubstr("config.toml"));
  EXPECT_THAT(message_of([&] { RunFolder::open(folder / "none"); }), testing::HasSubstr("does not exist"));
}

TEST(CheckpointTest, ComesBackWhole) {
  const TemporaryFolder folder;
  const auto run = RunFolder::create(folder / "run", {});
  EXPECT_FALSE(read_latest_checkpoint(run).has_value());
  write_checkpoint(run, state_at(12), 2);
  const auto state = read_latest_checkpoint(run).value();
  EXPECT_EQ(state.progress.step, 12);
  EXPECT_EQ(state.progress.images, 64 * 12);
  EXPECT_DOUBLE_EQ(state.progress.seconds, 1.5);
  EXPECT_DOUBLE_EQ(state.progress.rate_factor, 0.5);
  EXPECT_TRUE(state.progress.rolled_back);
  EXPECT_EQ(state.progress.position, 17);
  EXPECT_TRUE(at::equal(state.tensors.at("a"), at::full({2, 3}, 12.0, at::kFloat)));
}

TEST(CheckpointTest, OnlyTheNewestStay) {
  const TemporaryFolder folder;
  const auto run = RunFolder::create(folder / "run", {});
  for (int64_t step = 1; step <= 4; ++step) write_checkpoint(run, state_at(step), 2);
  EXPECT_FALSE(std::filesystem::exists(run.checkpoint(2)));
  EXPECT_TRUE(std::filesystem::exists(run.checkpoint(3)));
  EXPECT_EQ(read_latest_checkpoint(run).value().progress.step, 4);
}

TEST(CheckpointTest, ThoseThatAreNamedStayToo) {
  const TemporaryFolder folder;
  const auto run = RunFolder::create(folder / "run", {});
  for (const int64_t step : {1, 2}) write_checkpoint(run, state_at(step), 2);
  point_at_checkpoint(run, run.best_checkpoint(), 1);
  add_healthy_checkpoint(run, 2);
  for (const int64_t step : {3, 4, 5}) write_checkpoint(run, state_at(step), 2);
  EXPECT_TRUE(std::filesystem::exists(run.checkpoint(1)));
  EXPECT_TRUE(std::filesystem::exists(run.checkpoint(2)));
  EXPECT_FALSE(std::filesystem::exists(run.checkpoint(3)));
}

TEST(CheckpointTest, MendingFindsTheNewestHealthyOneFromBeforeTheSickness) {
  const TemporaryFolder folder;
  const auto run = RunFolder::create(folder / "run", {});
  EXPECT_FALSE(read_healthy_checkpoint(run, 100));
  for (const int64_t step : {10, 20, 30, 40, 50}) {
    write_checkpoint(run, state_at(step), 10);
    add_healthy_checkpoint(run, step);
  }
  EXPECT_EQ(read_healthy_checkpoint(run, 40).value().progress.step, 30);
  EXPECT_EQ(read_healthy_checkpoint(run, 1000).value().progress.step, 50);
  EXPECT_FALSE(read_healthy_checkpoint(run, 20));  // the last four are kept for this
  std::filesystem::remove(run.checkpoint(30));
  EXPECT_EQ(read_healthy_checkpoint(run, 40).value().progress.step, 20);
}

TEST(CheckpointTest, WithoutThePointerTheNewestFileCounts) {
  const TemporaryFolder folder;
  const auto run = RunFolder::create(folder / "run", {});
  write_checkpoint(run, state_at(1), 3);
  write_checkpoint(run, state_at(2), 3);
  std::filesystem::remove(run.latest_checkpoint());
  EXPECT_EQ(read_latest_checkpoint(run).value().progress.step, 2);
}

TEST(CheckpointTest, ADamagedFileIsNamed) {
  const TemporaryFolder folder;
  const auto run = RunFolder::create(folder / "run", {});
  write_checkpoint(run, state_at(1), 3);
  std::filesystem::resize_file(run.checkpoint(1), 40);
  EXPECT_THAT(message_of([&] { read_latest_checkpoint(run); }), testing::HasSubstr("00000001.safetensors"));
}

}  // namespace
}  // namespace forger
