#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "api/small_trainings.h"
#include "core/files.h"
#include "forger/judge.h"
#include "forger/training.h"
#include "run/journal.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

TEST(RefereeTest, AVaeIsJudgedByWhatItDraws) {
  const TemporaryFolder folder;
  auto config = judged_training();
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

TEST(RefereeTest, ResumedRunGoesOnWithTheChecksSoFar) {
  const TemporaryFolder folder;
  train(judged_training(), folder / "run");
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
  train(judged_training(), folder / "run", hooks);
  ASSERT_EQ(steps.size(), 12u);
  double slowest = 0;
  for (size_t i = 1; i < steps.size(); ++i) slowest = std::max(slowest, steps[i].step_seconds);
  EXPECT_GE(steps.back().images_per_second, 0.999 * 8 / slowest);
}

TEST(RefereeTest, DeadDiscriminatorAndConstantGeneratorAreNotCalledConverged) {
  const TemporaryFolder folder;
  auto config = judged_training();
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
  train(judged_training(), folder / "run");
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
