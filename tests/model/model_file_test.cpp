#include "model/model_file.h"

#include <gmock/gmock.h>

#include "core/torch.h"
#include "forger/error.h"
#include "forger/model.h"
#include "image/grid.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

using testing::HasSubstr;

/// Files that Forger wrote when model files had version 1; 16 x 16, of three steps.
std::filesystem::path first_version(const std::string& name) {
  return std::filesystem::path(FORGER_TEST_DATA).parent_path() / "model/version_1" / (name + ".safetensors");
}

ModelFile small_model() {
  ModelFile model;
  model.parts = {{"generator", "latent-generator", {{"network", "mlp"}, {"width", 4}, {"latent_size", 3}}},
                 {"encoder", "encoder", {{"network", "mlp"}, {"codes", "adversarial"}}}};
  model.game = "autoencoding";
  model.shape = {3, 8, 16};
  model.class_names = {"a", "b"};
  model.levels = *levels_in("[5, 900]");
  model.provenance = {{"recipe", "small"}};
  model.tensors = {{"generator.x", at::ones({2})}};
  return model;
}

std::string refusal(const ModelFile& model) {
  const TemporaryFolder folder;
  write_model(folder / "model.safetensors", model);
  try {
    read_model(folder / "model.safetensors");
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ModelFileTest, IsReadAsItWasWritten) {
  const TemporaryFolder folder;
  const auto written = small_model();
  write_model(folder / "model.safetensors", written);
  const auto read = read_model(folder / "model.safetensors");
  EXPECT_EQ(read.game, written.game);
  EXPECT_EQ(read.shape, written.shape);
  EXPECT_EQ(read.source_shape, ImageShape());
  EXPECT_EQ(read.class_names, written.class_names);
  EXPECT_EQ(levels_text(read.levels), "[5, 900]");
  EXPECT_EQ(read.provenance, written.provenance);
  ASSERT_EQ(read.parts.size(), 2U);
  EXPECT_EQ(config_of(*read.part("generator")).generator.latent_size, 3);
  EXPECT_EQ(config_of(*read.part("encoder")).autoencoding.codes, "adversarial");
  EXPECT_EQ(read.part("detector"), nullptr);
  EXPECT_TRUE(at::equal(read.tensors.at("generator.x"), at::ones({2})));
}

TEST(ModelFileTest, RefusesWhatItDoesNotKnowAndNamesIt) {
  auto model = small_model();
  model.game = "chess";
  EXPECT_THAT(refusal(model), HasSubstr("chess"));
  model = small_model();
  model.parts[0].kind = "oracle";
  EXPECT_THAT(refusal(model), HasSubstr("kind: received \"oracle\", accepted: latent-generator"));
  model = small_model();
  model.parts[0].options["width"] = 1 << 30;
  EXPECT_THAT(refusal(model), HasSubstr("generator.width: received 1073741824"));
  model = small_model();
  model.parts[1].options["codes"] = "morse";
  EXPECT_THAT(refusal(model), HasSubstr("encoder.codes: received \"morse\""));
  model = small_model();
  model.shape.height = 1 << 20;
  EXPECT_THAT(refusal(model), HasSubstr("image_height_px: received 1048576, accepted: 1 to 4096"));
}

TEST(ModelFileTest, AGeneratorOfTheFirstVersionSamplesItsClasses) {
  const auto model = Model::load(first_version("generation"), "cpu");
  EXPECT_EQ(model.info().game, "generation");
  EXPECT_EQ(model.info().latent_size, 6);
  EXPECT_EQ(model.info().class_names.size(), 16U);
  EXPECT_TRUE(model.info().has_raw);
  EXPECT_EQ(model.sample_pixels(3, {.class_number = 2}).sizes(), (std::vector<int64_t>{3, 3, 16, 16}));
}

TEST(ModelFileTest, ADetectorOfTheFirstVersionDetectsAndItsTurnsAreRotations) {
  const auto file = read_model(first_version("detection"));
  EXPECT_EQ(config_of(*file.part("discriminator")).discriminator.rotations, 1);
  EXPECT_EQ(config_of(*file.part("pixel_discriminator")).pixel_discriminator.width, 2);
  EXPECT_TRUE(file.tensors.contains("discriminator.rotations.weight"));
  const auto model = Model::load(first_version("detection"), "cpu");
  EXPECT_TRUE(model.info().has_encoder && model.info().has_detector);
  const auto found = model.detect(model.sample(2));
  EXPECT_TRUE(at::isfinite(found.scores).all().item<bool>());
}

TEST(ModelTest, AnImageLargerThanTheModelsIsLookedAtInTiles) {
  const auto model = Model::load(first_version("detection"), "cpu");
  const auto pixels = model.sample_pixels(1)[0];
  const auto alone = model.detect(to_floats(pixels.unsqueeze(0)));
  const auto same = model.detect_in(pixels);
  EXPECT_NEAR(same.scores.item<double>(), alone.scores.item<double>(), 1e-6);
  EXPECT_TRUE(at::allclose(same.maps, alone.maps, 1e-4, 1e-4));
  const auto large = model.detect_in(pixels.repeat({1, 2, 3}));
  EXPECT_EQ(large.maps.sizes(), (std::vector<int64_t>{1, 1, 32, 48}));
  EXPECT_GT(large.p_normal.item<double>(), 0);
  EXPECT_THROW(model.detect_in(pixels.narrow(1, 0, 15)), Error);
  EXPECT_THROW(model.detect_in(pixels.to(at::kFloat)), Error);
}

}  // namespace
}  // namespace forger
