#include "forger/training.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "api/small_trainings.h"
#include "core/files.h"
#include "core/torch.h"
#include "forger/error.h"
#include "forger/model.h"
#include "image/png.h"
#include "model/safetensors.h"
#include "run/journal.h"
#include "run/run_folder.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

std::map<std::string, at::Tensor> final_tensors(const std::filesystem::path& folder, int64_t step) {
  return read_safetensors(RunFolder::open(folder).checkpoint(step)).tensors;
}

void expect_exact_resume(const Config& config) {
  const TemporaryFolder folder;
  train(config, folder / "whole");
  int64_t last = 0;
  TrainingHooks stop_after_three;
  stop_after_three.on_step = [&](const StepReport& report) { last = report.step; };
  stop_after_three.stop_requested = [&] { return last == 3; };
  EXPECT_EQ(train(config, folder / "parts", stop_after_three).end, TrainingEnd::stopped);
  const auto result = resume(folder / "parts");
  EXPECT_EQ(result.end, TrainingEnd::finished);
  EXPECT_EQ(result.step, 10);

  const auto whole = final_tensors(folder / "whole", 10);
  const auto parts = final_tensors(folder / "parts", 10);
  ASSERT_EQ(whole.size(), parts.size());
  for (const auto& [name, tensor] : whole) EXPECT_TRUE(at::equal(tensor, parts.at(name))) << name;
}

class ResumeTest : public testing::TestWithParam<std::string> {};

TEST_P(ResumeTest, AStoppedRunEqualsTheUnstoppedOneBitForBit) { expect_exact_resume(busy_config(GetParam())); }

TEST(AutoencodingResumeTest, AStoppedRunEqualsTheUnstoppedOneBitForBit) { expect_exact_resume(detector_config()); }

TEST(ResumeSettingsTest, AveragingCanBeginAndEnd) {
  const TemporaryFolder folder;
  auto config = busy_config("float32");
  config.training.steps = 4;
  config.generator.ema = 0;
  const auto run = (folder / "run").string();
  train(config, run);
  const auto names = [&](int64_t step) {
    int64_t averaged = 0;
    for (const auto& [name, tensor] : final_tensors(run, step)) averaged += name.starts_with("generator.averaged.");
    return averaged;
  };
  EXPECT_EQ(names(4), 0);
  resume(run, {{"training.steps", "6"}, {"generator.ema", "0.9"}});
  EXPECT_GT(names(6), 0);
  resume(run, {{"training.steps", "8"}, {"generator.ema", "0"}});
  EXPECT_EQ(names(8), 0);
}

TEST_P(ResumeTest, AKilledRunLosesOnlyTheStepsSinceItsCheckpoint) {
  const TemporaryFolder folder;
  const auto config = busy_config(GetParam());
  train(config, folder / "whole");
  struct Killed {};
  TrainingHooks killed;
  killed.on_step = [](const StepReport& report) {
    if (report.step == 7) throw Killed{};
  };
  EXPECT_THROW(train(config, folder / "parts", killed), Killed);
  EXPECT_EQ(nlohmann::json::parse(*last_line(folder / "parts/steps.jsonl"))["step"], 7);
  std::vector<int64_t> steps;
  TrainingHooks watched;
  watched.on_step = [&](const StepReport& report) { steps.push_back(report.step); };
  resume(folder / "parts", {}, watched);
  EXPECT_THAT(steps, testing::ElementsAre(5, 6, 7, 8, 9, 10));
  EXPECT_EQ(std::ranges::count(read_file(folder / "parts/steps.jsonl"), '\n'), 10);

  const auto whole = final_tensors(folder / "whole", 10);
  const auto parts = final_tensors(folder / "parts", 10);
  for (const auto& [name, tensor] : whole) EXPECT_TRUE(at::equal(tensor, parts.at(name))) << name;
}

INSTANTIATE_TEST_SUITE_P(Precisions, ResumeTest, testing::Values("float32", "bfloat16"),
                         [](const auto& info) { return info.param; });

TEST(TrainingTest, ResumeGoesOnToALargerBudget) {
  const TemporaryFolder folder;
  auto config = busy_config("float32");
  config.training.schedule = "constant";
  train(config, folder / "run");
  EXPECT_EQ(resume(folder / "run", {{"training.steps", "12"}}).step, 12);
  EXPECT_EQ(Config::from_file(folder / "run/config.toml").training.steps, 12);
}

TEST(LevelsTest, AreMeasuredOnceAndKeptByTheRunAndItsModel) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "set");
  const auto write_image = [&](const std::string& name, uint16_t first) {
    PngWriter writer(folder / "set" / name, {16, 16, 1, 16});
    for (uint16_t y = 0; y < 16; ++y) {
      std::vector<uint16_t> row;
      for (uint16_t x = 0; x < 16; ++x) row.push_back(static_cast<uint16_t>(first + 16 * y + x));
      writer.write_row(row.data());
    }
    writer.finish();
  };
  for (int i = 0; i < 16; ++i) write_image(fmt::format("{}.png", i), 1000);
  auto config = busy_config("float32");
  config.data.source = (folder / "set").string();
  config.data.channels = 1;
  config.data.levels = "stretch";
  config.referee.mode = "off";
  config.training.schedule = "constant";
  config.training.steps = 1;
  std::vector<std::string> messages;
  TrainingHooks hooks;
  hooks.on_message = [&](const std::string& text) { messages.push_back(text); };
  const std::string said =
      "levels: 16-bit images use 1000 to 1255 of 65535; with data.levels=stretch, [1000, 1255] here, 8 bits keep 256 "
      "of their "
      "256 levels";
  EXPECT_THAT(plan_training(config).conversion, testing::ElementsAre(said));
  train(config, folder / "run", hooks);
  EXPECT_THAT(messages, testing::Contains(said));
  EXPECT_THAT(read_file(folder / "run/log.txt"), testing::HasSubstr(said));
  EXPECT_EQ(Config::from_file(folder / "run/config.toml").data.levels, "[1000, 1255]");
  EXPECT_EQ(Model::load(folder / "run", "cpu").info().levels, "[1000, 1255]");

  write_image("later.png", 60000);
  messages.clear();
  resume(folder / "run", {{"training.steps", "2"}}, hooks);
  EXPECT_THAT(messages, testing::Not(testing::Contains(said)));
  EXPECT_EQ(Config::from_file(folder / "run/config.toml").data.levels, "[1000, 1255]");
  EXPECT_EQ(Model::load(folder / "run", "cpu").info().levels, "[1000, 1255]");
}

/// A least-squares loss that is NaN from a given turn on.
class Explosive : public Objective {
 public:
  explicit Explosive(int64_t good_turns) : turns_left_(good_turns) {}
  std::string name() const override { return "explosive"; }
  at::Tensor discriminator_loss(const at::Tensor& real, const at::Tensor& fake) const override {
    const double factor = turns_left_-- > 0 ? 1 : std::numeric_limits<double>::quiet_NaN();
    return factor * ((real - 1).square().mean() + fake.square().mean());
  }
  at::Tensor generator_loss(const at::Tensor& fake, const at::Tensor&) const override {
    return (fake - 1).square().mean();
  }
  at::Tensor probability(const at::Tensor&) const override { return {}; }

 private:
  mutable int64_t turns_left_;
};

TEST(TrainingTest, DivergenceRollsBackOnceThenStopsWithAVerdict) {
  const TemporaryFolder folder;
  auto config = busy_config("float32");
  config.objective.r1 = 0;
  config.training.steps = 50;
  config.training.schedule = "constant";
  config.training.max_bad_steps = 3;
  std::vector<std::string> messages;
  std::vector<double> rates;
  TrainingHooks hooks;
  hooks.objective = std::make_shared<Explosive>(6);
  hooks.on_message = [&](const std::string& text) { messages.push_back(text); };
  hooks.on_step = [&](const StepReport& report) { rates.push_back(report.players.at(0).learning_rate); };
  const auto result = train(config, folder / "run", hooks);
  EXPECT_EQ(result.end, TrainingEnd::diverged);
  // Steps 1 to 6 are good, 7 to 9 are not (no checkpoint at 8): back to that of step 4, then 5 to 7 are not.
  EXPECT_EQ(result.step, 7);
  EXPECT_EQ(rates.size(), 12U);
  EXPECT_THAT(messages, testing::Contains(testing::HasSubstr("rolling back to step 4")));
  const auto verdict = nlohmann::json::parse(*last_line(folder / "run/verdicts.jsonl"));
  EXPECT_EQ(verdict["state"], "diverged");
  EXPECT_EQ(verdict["since_step"], 5);
  EXPECT_TRUE(verdict["remedies"].is_array());
}

TEST(TrainingTest, ASingleBadStepIsCountedAndSkipped) {
  const TemporaryFolder folder;
  auto config = busy_config("float32");
  config.objective.r1 = 0;
  class Hiccup : public Explosive {
   public:
    Hiccup() : Explosive(1000) {}
    at::Tensor discriminator_loss(const at::Tensor& real, const at::Tensor& fake) const override {
      const auto loss = Explosive::discriminator_loss(real, fake);
      return ++turn_ == 2 ? loss * std::numeric_limits<double>::quiet_NaN() : loss;
    }
    mutable int turn_ = 0;
  };
  std::vector<bool> finite;
  int64_t bad_steps = 0;
  TrainingHooks hooks;
  hooks.objective = std::make_shared<Hiccup>();
  hooks.on_step = [&](const StepReport& report) {
    finite.push_back(report.finite);
    bad_steps = report.bad_steps;
  };
  EXPECT_EQ(train(config, folder / "run", hooks).end, TrainingEnd::finished);
  EXPECT_FALSE(finite.at(1));
  EXPECT_EQ(std::ranges::count(finite, false), 1);
  EXPECT_EQ(bad_steps, 1);
}

TEST(TrainingTest, NothingIsWrittenWhenTheDataIsMissing) {
  const TemporaryFolder folder;
  Config config;
  config.data.source = (folder / "none").string();
  config.training.steps = 1;
  EXPECT_THROW(train(config, folder / "run"), Error);
  EXPECT_FALSE(std::filesystem::exists(folder / "run"));
}

TEST(TrainingTest, ADetectorThatCannotBeLearntIsRefusedBeforeAnythingIsWritten) {
  const TemporaryFolder folder;
  auto config = detector_config();
  config.data.held_out = 0.0001;
  EXPECT_THROW(train(config, folder / "run"), Error);
  EXPECT_FALSE(std::filesystem::exists(folder / "run"));
  EXPECT_THROW(plan_training(config), Error);
}

}  // namespace
}  // namespace forger
