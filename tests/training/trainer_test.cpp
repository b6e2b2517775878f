#include "training/trainer.h"

#include <gmock/gmock.h>

#include "core/torch.h"
#include "forger/error.h"
#include "games/exhibit.h"

namespace forger {
namespace {

/// Counts its steps in a tensor; those whose numbers are in `broken` are not finite.
class CountingGame : public Game {
 public:
  explicit CountingGame(std::vector<int64_t> broken = {}) : broken_(std::move(broken)) {}
  StepReport step(const StepInput& input) override {
    StepReport report;
    input.next_batch();
    report.finite = std::find(broken_.begin(), broken_.end(), ++tried_) == broken_.end();
    if (report.finite) steps_ += 1;
    return report;
  }
  std::vector<Player*> players() override { return {}; }
  TensorMap state() override { return {{"steps", steps_}}; }
  std::string describe() const override { return {}; }
  std::vector<ModelPart> parts() const override { return {}; }
  std::unique_ptr<Exhibit> exhibit() const override { return nullptr; }
  at::Tensor preview(const PreviewInput&) override { return {}; }

  int64_t steps() const { return steps_.item<int64_t>(); }

 private:
  std::vector<int64_t> broken_;
  int64_t tried_ = 0;
  at::Tensor steps_ = at::zeros({}, at::kLong);
};

class TwoImages : public Dataset {
 public:
  int64_t size() const override { return 2; }
  Item get(int64_t, uint64_t) const override { return {.image = at::zeros({1, 2, 2}, at::kByte)}; }
  std::string name(int64_t) const override { return "grey"; }
};

/// A trainer with what it was asked to do.
struct Trial {
  explicit Trial(TrainingOptions options, std::vector<int64_t> broken = {})
      : game(std::move(broken)), batches(std::make_shared<TwoImages>(), {}), trainer(options, game, batches) {}

  TrainingEnd run(const std::function<Signal(const StepReport&)>& report = [](const StepReport&) {
    return Signal::go_on;
  }) {
    return trainer.run({.report = report,
                        .checkpoint =
                            [&] {
                              ++checkpoints;
                              kept = trainer.state();
                              for (auto& [name, tensor] : kept.tensors) tensor = tensor.clone();
                            },
                        .preview = [&] { ++previews; },
                        .roll_back =
                            [&] {
                              ++roll_backs;
                              trainer.restore(kept);
                            },
                        .stop_requested = [&] { return stops_at > 0 && trainer.progress().step == stops_at; }});
  }

  CountingGame game;
  Batches batches;
  Trainer trainer;
  TrainingState kept;
  int64_t stops_at = 0;
  int checkpoints = 0, previews = 0, roll_backs = 0;
};

TrainingOptions steps(int64_t count) {
  TrainingOptions options;
  options.steps = count;
  options.batch_size = 4;
  options.checkpoint_minutes = 0;
  return options;
}

TEST(TrainerTest, TheFirstBudgetThatIsReachedEndsIt) {
  Trial by_steps(steps(7));
  EXPECT_EQ(by_steps.run(), TrainingEnd::finished);
  EXPECT_EQ(by_steps.game.steps(), 7);
  EXPECT_EQ(by_steps.trainer.progress().images, 28);
  EXPECT_EQ(by_steps.checkpoints, 1);
  auto both = steps(7);
  both.images = 9;  // the third batch goes beyond
  Trial by_images(both);
  EXPECT_EQ(by_images.run(), TrainingEnd::finished);
  EXPECT_EQ(by_images.game.steps(), 3);
}

TEST(TrainerTest, CheckpointsAndPreviewsComeWhenTheyAreDue) {
  auto options = steps(10);
  options.checkpoint_steps = 5;
  options.preview_steps = 3;
  Trial trial(options);
  trial.run();
  EXPECT_EQ(trial.checkpoints, 2);  // the one at the end is that of step 10
  EXPECT_EQ(trial.previews, 3);
}

TEST(TrainerTest, AStopAndASettledTrainingLeaveACheckpoint) {
  Trial stopped(steps(10));
  stopped.stops_at = 4;
  EXPECT_EQ(stopped.run(), TrainingEnd::stopped);
  EXPECT_EQ(stopped.kept.progress.step, 4);
  Trial settled(steps(10));
  EXPECT_EQ(settled.run([](const StepReport& report) { return report.step == 6 ? Signal::stop : Signal::go_on; }),
            TrainingEnd::settled);
  EXPECT_EQ(settled.kept.progress.step, 6);
  Trial left(steps(10));
  EXPECT_EQ(left.run([](const StepReport& report) { return report.step == 6 ? Signal::leave : Signal::go_on; }),
            TrainingEnd::stopped);
  EXPECT_EQ(left.checkpoints, 0);
}

TEST(TrainerTest, TooManyBrokenStepsInARowRollBackOnceWithHalfTheRates) {
  auto options = steps(20);
  options.checkpoint_steps = 4;
  options.max_bad_steps = 3;
  Trial once(options, {6, 7, 8});
  EXPECT_EQ(once.run(), TrainingEnd::finished);
  EXPECT_EQ(once.roll_backs, 1);
  EXPECT_EQ(once.game.steps(), 20);
  EXPECT_EQ(once.trainer.progress().rate_factor, 0.5);
  EXPECT_EQ(once.trainer.progress().bad_steps, 3);
  Trial scattered(options, {6, 8, 10});
  scattered.run();
  EXPECT_EQ(scattered.roll_backs, 0);
  Trial twice(options, {6, 7, 8, 10, 11, 12});
  EXPECT_EQ(twice.run(), TrainingEnd::diverged);
  EXPECT_EQ(twice.roll_backs, 1);
}

TEST(TrainerTest, RestoreNamesTheTensorThatDoesNotFit) {
  Trial trial(steps(1));
  const auto refusal = [&](const TensorMap& tensors) -> std::string {
    try {
      trial.trainer.restore({{}, tensors});
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(refusal({}), "checkpoint: the tensor steps is missing");
  EXPECT_THAT(refusal({{"steps", at::zeros({}, at::kLong)}, {"more", at::zeros({})}}), testing::HasSubstr("more"));
  EXPECT_THAT(refusal({{"steps", at::zeros({2}, at::kLong)}}), testing::HasSubstr("steps is Long 2"));
  EXPECT_EQ(refusal({{"steps", at::full({}, 5, at::kLong)}}), "accepted");
  EXPECT_EQ(trial.game.steps(), 5);
}

TEST(TrainerTest, ASeekToTheCheckpointsPlaceReadsTheSameImagesAgain) {
  Trial trial(steps(3));
  trial.run();
  const auto there = trial.kept;
  EXPECT_EQ(there.progress.position, 12);
  trial.batches.seek(0);
  trial.trainer.restore(there);
  EXPECT_EQ(trial.batches.position(), 12);
}

}  // namespace
}  // namespace forger
