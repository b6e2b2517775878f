#include "forger/model.h"

#include <gmock/gmock.h>

#include <limits>
#include <optional>

#include "api/small_trainings.h"
#include "core/torch.h"
#include "forger/error.h"
#include "forger/evaluation.h"
#include "forger/interruption.h"
#include "forger/judge.h"
#include "forger/training.h"
#include "model/safetensors.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

class ModelTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_.emplace();
    train(busy_config("float32"), run());
  }
  static void TearDownTestSuite() { folder_.reset(); }

  /// A training that no test changes.
  static std::filesystem::path run() { return *folder_ / "run"; }

 private:
  static inline std::optional<TemporaryFolder> folder_;
};

TEST_F(ModelTest, SamplesRepeatAndEqualTheLastPreviewsNetwork) {
  const auto model = Model::load(run(), "cpu");
  const auto& info = model.info();
  EXPECT_EQ(info.height_px, 16);
  EXPECT_EQ(info.channels, 3);
  EXPECT_TRUE(info.has_raw);
  const auto first = model.sample(5);
  EXPECT_TRUE(at::equal(first, Model::load(run() / "model.safetensors", "cpu").sample(5)));
  EXPECT_FALSE(at::equal(first, model.sample(5, {.raw = true})));
  EXPECT_FALSE(at::equal(first, model.sample(5, {.seed = 2})));
  EXPECT_LE(first.abs().max().item<double>(), 1);
  EXPECT_EQ(model.sample_pixels(2).scalar_type(), at::kByte);
  EXPECT_THROW(model.sample(1, {.class_number = 0}), Error);
  EXPECT_TRUE(at::equal(model.sample(70, {.first = 60}), model.sample(130).narrow(0, 60, 70)));
  const SampleOptions way{.interpolate = true}, later{.interpolate = true, .first = 13};
  EXPECT_TRUE(at::equal(model.draw_latents(20, later).latents, model.draw_latents(33, way).latents.narrow(0, 13, 20)));
  EXPECT_THROW(model.sample(1, {.first = -1}), Error);
}

TEST_F(ModelTest, ALongCallAsksBetweenBatchesWhetherToGoOn) {
  const auto model = Model::load(run(), "cpu");
  int asked = 0;
  {
    const Interruption asks([&] { return ++asked < 3; });
    EXPECT_THROW(model.sample(10'000), Interrupted);
    EXPECT_EQ(asked, 3);
    EXPECT_THROW(judge(run()), Interrupted);
    EXPECT_THROW(evaluate(run().string(), "synthetic:shapes"), Interrupted);
  }
  EXPECT_EQ(model.sample(2).size(0), 2);
  EXPECT_EQ(asked, 5);
}

TEST_F(ModelTest, LatentsDrawnAreThoseOfSamples) {
  const auto model = Model::load(run(), "cpu");
  const SampleOptions options{.seed = 9, .truncation = 0.7};
  const auto drawn = model.draw_latents(64, options);
  EXPECT_TRUE(at::equal(model.generate(drawn.latents, drawn.labels), model.sample(64, options)));
  EXPECT_TRUE(at::equal(model.draw_latents(5, options).latents, drawn.latents.narrow(0, 0, 5)));
  EXPECT_LE(drawn.latents.abs().max().item<double>(), 0.7);
}

TEST_F(ModelTest, PrincipalDirectionsAreOrthonormalAndChangeSamplesMost) {
  const auto model = Model::load(run(), "cpu");
  const auto directions = model.principal_directions(4);
  EXPECT_TRUE(at::allclose(directions.matmul(directions.t()), at::eye(4), 1e-4, 1e-4));
  EXPECT_TRUE(at::equal(model.principal_directions(2), directions.narrow(0, 0, 2)));
  const auto latents = model.draw_latents(64).latents;
  const auto change = [&](const at::Tensor& direction) {
    return (model.generate(latents + 2 * direction) - model.generate(latents - 2 * direction))
        .square()
        .mean()
        .item<double>();
  };
  double usual = 0;
  for (int64_t i = 0; i < directions.size(1); ++i) usual += change(at::eye(directions.size(1))[i]);
  EXPECT_GT(change(directions[0]), 1.2 * usual / static_cast<double>(directions.size(1)));
  EXPECT_THROW(model.principal_directions(directions.size(1) + 1), Error);
}

TEST_F(ModelTest, WithAnEncoderAndADetectorItWorksOnImages) {
  const TemporaryFolder folder;
  train(detector_config(), folder / "run");
  const auto model = Model::load(folder / "run", "cpu");
  EXPECT_TRUE(model.info().has_encoder && model.info().has_detector);
  const auto images = model.sample(3);
  EXPECT_EQ(model.encode(images).sizes(), (std::vector<int64_t>{3, 16}));
  EXPECT_TRUE(at::equal(model.reconstruct(images).images, model.generate(model.encode(images))));

  auto masks = at::zeros({3, 1, 16, 16});
  masks.narrow(2, 4, 6).narrow(3, 4, 6).fill_(1);
  ReconstructOptions quick;
  quick.search_steps = 4;
  const auto restored = model.restore(images, masks, quick);
  EXPECT_TRUE(at::equal(at::where(masks > 0, images, restored), images));

  const auto found = model.detect(images);
  EXPECT_EQ(found.scores.sizes(), (std::vector<int64_t>{3}));
  EXPECT_EQ(found.maps.sizes(), (std::vector<int64_t>{3, 1, 16, 16}));
  EXPECT_TRUE((found.p_normal > 0).all().item<bool>() && (found.p_normal <= 1).all().item<bool>());
  EXPECT_GT(model.score_threshold(0.01), model.score_threshold(0.1));
  EXPECT_THROW(model.detect(at::zeros({1, 3, 8, 8})), Error);
  // Pixels are other numbers than images in [-1, 1].
  EXPECT_THROW(model.detect(at::zeros_like(images, at::kByte)), Error);
  EXPECT_THROW(model.restore(images, at::ones({3, 1, 16, 16}), quick), Error);
}

TEST_F(ModelTest, ADetectorIsLearntOnceWhenTheTrainingEnds) {
  const TemporaryFolder folder;
  std::string amid;
  std::vector<std::string> said;
  TrainingHooks hooks;
  hooks.on_step = [&](const StepReport& report) {
    if (report.step != 2) return;
    const auto model = Model::load(folder / "run", "cpu");
    try {
      model.detect(model.sample(1));
    } catch (const Error& error) {
      amid = error.what();
    }
  };
  hooks.on_message = [&](const std::string& line) { said.push_back(line); };
  train(detector_config(), folder / "run", hooks);
  EXPECT_THAT(amid, testing::HasSubstr("learnt when its training ends"));
  EXPECT_EQ(std::count(said.begin(), said.end(), "learning what is normal from 40 images"), 1);
  EXPECT_TRUE(Model::load(folder / "run", "cpu").info().has_detector);
}

TEST_F(ModelTest, WithoutADetectorItSaysSo) {
  const auto model = Model::load(run(), "cpu");
  EXPECT_THROW(model.detect(model.sample(1)), Error);
  EXPECT_THROW(model.encode(model.sample(1)), Error);
}

TEST_F(ModelTest, AModelFileThatDoesNotFitItsArchitectureNamesTheTensor) {
  const TemporaryFolder folder;
  const auto path = run() / "model.safetensors";
  const TensorFile good = read_safetensors(path);
  const auto message_with = [&](const std::function<void(TensorFile&)>& damage) -> std::string {
    TensorFile bad = good;
    damage(bad);
    write_safetensors(folder / "bad.safetensors", bad);
    try {
      Model::load(folder / "bad.safetensors", "cpu");
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  const std::string name = good.tensors.begin()->first;
  EXPECT_THAT(message_with([&](TensorFile& file) { file.tensors.erase(name); }),
              testing::AllOf(testing::HasSubstr(name), testing::HasSubstr("missing")));
  EXPECT_THAT(message_with([&](TensorFile& file) { file.tensors[name] = at::zeros({1, 2, 3}); }),
              testing::AllOf(testing::HasSubstr(name), testing::HasSubstr("[1, 2, 3]")));
  EXPECT_THAT(message_with([&](TensorFile& file) { file.tensors["generator.extra"] = at::zeros({1}); }),
              testing::HasSubstr("generator.extra"));
  EXPECT_THAT(message_with([&](TensorFile& file) {
                file.tensors[name] = at::full_like(file.tensors[name], std::numeric_limits<double>::quiet_NaN());
              }),
              testing::HasSubstr("not finite"));
  EXPECT_THAT(message_with([&](TensorFile& file) { file.metadata["version"] = "99"; }), testing::HasSubstr("99"));
  EXPECT_THAT(message_with([&](TensorFile& file) { file.metadata["levels"] = "[9, 2]"; }),
              testing::HasSubstr("levels: received \"[9, 2]\", accepted: [low, high] within 0 to 65535"));
  EXPECT_EQ(message_with([&](TensorFile& file) { file.metadata.erase("levels"); }),
            "no error");  // of an earlier Forger
  EXPECT_EQ(Model::load(folder / "bad.safetensors", "cpu").info().levels, "keep");
  EXPECT_THAT(message_with([&](TensorFile& file) { file.metadata["game"] = "upscaling"; }),
              testing::HasSubstr("upscaling"));
  EXPECT_THAT(message_with([&](TensorFile& file) { file.metadata.clear(); }), testing::HasSubstr("forger-model"));
}

}  // namespace
}  // namespace forger
