#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/files.h"
#include "core/torch.h"
#include "forger/judge.h"
#include "forger/training.h"
#include "model/safetensors.h"
#include "run/journal.h"
#include "run/run_folder.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

Config small_config() {
  Config config;
  config.data.source = "synthetic:shapes";
  config.data.size = {16, 16};
  config.data.channels = 3;
  config.data.held_out = 0.01;
  config.generator.width = 8;
  config.generator.latent_size = 16;
  config.discriminator.width = 8;
  config.discriminator.normalization = "batch";
  config.discriminator.dropout = 0.2;
  config.training.batch_size = 8;
  config.training.steps = 12;
  config.training.tensorboard = false;
  config.referee.every_steps = 4;
  config.referee.start_steps = 0;
  return config;
}

TEST(RefereeTest, ATrainingIsBitIdenticalWithAndWithoutIt) {
  const TemporaryFolder folder;
  auto config = small_config();
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

TEST(RefereeTest, AVaeIsJudgedByWhatItDraws) {
  const TemporaryFolder folder;
  auto config = small_config();
  config.game = "autoencoding";  // where no discriminator plays
  config.encoder.width = 8;
  config.training.steps = 20;
  const auto result = train(config, folder / "run");
  ASSERT_TRUE(result.verdict);
  EXPECT_NE(result.verdict->state, State::warming_up);
  for (const auto& verdict : {*result.verdict, judge(folder / "run", {}).verdict}) {
    EXPECT_THAT(verdict.sentence, testing::Not(testing::HasSubstr("discriminator")));
    EXPECT_FALSE(verdict.evidence.empty());
    for (const auto& measurement : verdict.evidence) {
      EXPECT_THAT(measurement.name, testing::Not(testing::HasSubstr("discriminator")));
    }
  }
}

TEST(RefereeTest, AGameOfBothWaysIsJudgedBothWays) {
  const TemporaryFolder folder;
  auto config = small_config();
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

TEST(RefereeTest, ResumedRunGoesOnWithTheChecksSoFar) {
  const TemporaryFolder folder;
  train(small_config(), folder / "run");
  resume(folder / "run", {{"training.steps", "20"}});
  const auto lines = read_journal(folder / "run/verdicts.jsonl").entries;
  ASSERT_EQ(lines.size(), 6u);
  // Five checks are what it takes to say more than that it is too early, before the end.
  EXPECT_EQ(nlohmann::json::parse(lines[4])["state"], "warming-up");
  EXPECT_NE(nlohmann::json::parse(lines[5])["state"], "warming-up");
}

TEST(RefereeTest, TheSpeedThatIsShownLeavesOutWhatHappensBetweenSteps) {
  const TemporaryFolder folder;
  std::vector<StepReport> steps;
  TrainingHooks hooks;
  hooks.on_step = [&](const StepReport& report) { steps.push_back(report); };
  hooks.on_verdict = [](const Verdict&) { std::this_thread::sleep_for(std::chrono::milliseconds(100)); };
  train(small_config(), folder / "run", hooks);
  ASSERT_EQ(steps.size(), 12u);
  double slowest = 0;
  for (size_t i = 1; i < steps.size(); ++i) slowest = std::max(slowest, steps[i].step_seconds);
  EXPECT_GE(steps.back().images_per_second, 0.999 * 8 / slowest);
}

TEST(RefereeTest, DeadDiscriminatorAndConstantGeneratorAreNotCalledConverged) {
  const TemporaryFolder folder;
  auto config = small_config();
  config.generator.learning_rate = config.discriminator.learning_rate = 1e-9;
  config.training.steps = 20;
  const auto result = train(config, folder / "run");
  ASSERT_TRUE(result.verdict);
  EXPECT_NE(result.verdict->state, State::converged);
  EXPECT_NE(result.verdict->state, State::good_plateau);
  EXPECT_NE(result.verdict->state, State::healthy_duel);
}

TEST(JudgeTest, RunIsJudgedWithTheFieldsOfItsJournal) {
  const TemporaryFolder folder;
  train(small_config(), folder / "run");
  JudgeOptions options;
  options.language = "ja";
  const auto judgement = judge(folder / "run", options);
  const auto json = nlohmann::json::parse(to_json(judgement.verdict));
  for (const char* field : {"step", "state", "sentence", "since_step", "also", "evidence", "remedies"}) {
    EXPECT_TRUE(json.contains(field)) << field;
  }
  EXPECT_EQ(judgement.timeline.size(), 4u);
  write_report(folder / "run", folder / "report.html", judgement.verdict, "ja");
  const auto page = read_file(folder / "report.html");
  EXPECT_THAT(page, testing::HasSubstr("<html lang=\"ja\">"));
  EXPECT_THAT(page, testing::HasSubstr("勾配ノルム"));
  EXPECT_THAT(page, testing::HasSubstr("data:image/png;base64,"));
  EXPECT_THAT(page, testing::Not(testing::HasSubstr("{{")));
  for (const char* other_file : {"<link", "<script src", "src=\"http", "fetch("}) {
    EXPECT_THAT(page, testing::Not(testing::HasSubstr(other_file)));
  }
}

}  // namespace
}  // namespace forger
