#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "api/small_trainings.h"
#include "core/torch.h"
#include "forger/training.h"
#include "model/safetensors.h"
#include "run/journal.h"
#include "run/run_folder.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

TEST(RefereeTest, ATrainingIsBitIdenticalWithAndWithoutIt) {
  const TemporaryFolder folder;
  auto config = judged_training();
  train(config, folder / "watched");
  config.referee.mode = "off";
  train(config, folder / "unwatched");
  const auto tensors_of = [](const std::filesystem::path& run) {
    return read_safetensors(RunFolder::open(run).checkpoint(12)).tensors;
  };
  const auto watched = tensors_of(folder / "watched"), unwatched = tensors_of(folder / "unwatched");
  ASSERT_EQ(watched.size(), unwatched.size());
  for (const auto& [name, tensor] : watched) EXPECT_TRUE(at::equal(tensor, unwatched.at(name))) << name;
  // Three checks, and a last word.
  const auto said = read_journal(folder / "watched/verdicts.jsonl").entries;
  ASSERT_EQ(said.size(), 4u);
  EXPECT_EQ(nlohmann::json::parse(said[2])["state"], "warming-up");
  EXPECT_NE(nlohmann::json::parse(said[3])["state"], "warming-up");
  EXPECT_EQ(read_journal(folder / "watched/metrics.jsonl").entries.size(), 3u);
  EXPECT_TRUE(read_journal(folder / "unwatched/verdicts.jsonl").entries.empty());
}

TEST(RefereeTest, AGameOfBothWaysIsJudgedBothWays) {
  const TemporaryFolder folder;
  auto config = judged_training();
  config.game = "unpaired-translation";
  config.pairs.source = "grey";
  config.translator.network = "resnet";
  config.translator.width = 4;
  config.translator.blocks = 1;
  config.discriminator.network = "patch";
  config.discriminator.normalization = "instance";
  config.discriminator.depth = 1;
  config.data.held_out = 0.001;
  config.training.steps = 4;
  config.referee.start_steps = 500;  // one check is enough
  EXPECT_THAT(train(config, folder / "run").verdict->way, testing::AnyOf("a2b", "b2a"));
  const auto lines = read_journal(folder / "run/metrics.jsonl").entries;
  ASSERT_EQ(lines.size(), 1u);
  const auto check = nlohmann::json::parse(lines[0]);
  EXPECT_TRUE(check["kid"].is_number() && check["auc_unseen"].is_number());
  EXPECT_TRUE(check["back"]["kid"].is_number() && check["back"]["auc_unseen"].is_number());
  // Grey images have no colours to vary.
  EXPECT_TRUE(check["color_variety"].is_number() && check["back"]["color_variety"].is_null());
  EXPECT_FALSE(check["back"].contains("back"));
}

}  // namespace
}  // namespace forger
