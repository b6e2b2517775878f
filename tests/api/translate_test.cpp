#include "forger/translate.h"

#include <gmock/gmock.h>

#include "config/architecture.h"
#include "core/random.h"
#include "core/torch.h"
#include "forger/error.h"
#include "forger/model.h"
#include "model/model_file.h"
#include "networks/catalog.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

/// A small network whose weights nobody trained; with `kinds` of label maps.
Model small_translator(const TemporaryFolder& folder, const std::string& normalization, int64_t from, int64_t to,
                       int64_t kinds = 0) {
  Config config;
  config.translator.network = "resnet";
  config.translator.width = config.translator.max_width = 4;
  config.translator.blocks = 1;
  config.translator.normalization = normalization;
  config.translator.dropout = normalization == "instance" ? 0.5 : 0;
  const auto network = make_translator(config.translator, kinds > 0 ? kinds : from, to, make_random(5));
  {
    const torch::NoGradGuard still;
    // Larger than the first ones, so that pictures have contents.
    for (auto& weight : network->parameters()) {
      if (weight.dim() == 4) weight.mul_(10);
    }
  }
  ModelFile file;
  file.game = "paired-translation";
  file.shape = {to, 0, 0};
  file.source_shape = {from, 0, 0};
  file.source_kinds = kinds;
  file.parts.push_back({"generator", "translator", architecture_of(config, "translator"), false});
  for (const auto& weight : network->named_parameters()) file.tensors["generator." + weight.key()] = weight.value();
  const auto path = folder / "model.safetensors";
  write_model(path, file);
  return Model::load(path, "cpu");
}

at::Tensor drawn_picture(int64_t channels, int64_t height, int64_t width) {
  return at::empty({channels, height, width}, at::kByte).random_(0, 256, make_random(3));
}

TEST(TranslateTest, MakesTheModelsChannelsOfEveryKindOfPicture) {
  const TemporaryFolder folder;
  for (const auto& [from, to] : {std::pair<int64_t, int64_t>{1, 3}, {3, 1}, {4, 4}}) {
    const auto model = small_translator(folder, "none", from, to);
    EXPECT_TRUE(model.info().has_translator);
    EXPECT_EQ(model.info().source_channels, from);
    for (const int64_t channels : {1, 3, 4}) {
      const auto made = model.translate(drawn_picture(channels, 13, 10));
      EXPECT_EQ(made.sizes().vec(), (std::vector<int64_t>{to, 13, 10})) << from << " " << channels;
    }
  }
}

TEST(TranslateTest, SeeThroughPicturesAreLaidOverWhite) {
  const TemporaryFolder folder;
  const auto model = small_translator(folder, "none", 3, 3);
  const auto picture = at::cat({drawn_picture(3, 12, 12), at::zeros({1, 12, 12}, at::kByte)});
  EXPECT_TRUE(at::equal(model.translate(picture), model.translate(at::full({3, 12, 12}, 255, at::kByte))));
}

TEST(TranslateTest, OnePictureHasManyTranslationsWhereTheModelDrops) {
  const TemporaryFolder folder;
  const auto model = small_translator(folder, "instance", 3, 3);
  EXPECT_TRUE(model.info().has_variety);
  const auto picture = drawn_picture(3, 16, 16);
  const auto made = [&](uint64_t seed, bool deterministic) {
    return model.translate(picture, {.seed = seed, .deterministic = deterministic, .precision = "float32"});
  };
  EXPECT_TRUE(at::equal(made(1, false), made(1, false)));
  EXPECT_FALSE(at::equal(made(1, false), made(2, false)));
  EXPECT_TRUE(at::equal(made(1, true), made(2, true)));
  EXPECT_FALSE(at::equal(made(1, true), made(1, false)));
}

TEST(TranslateTest, TilesGiveWhatTheWholeGivesWhereNothingIsNormalised) {
  const TemporaryFolder folder;
  const auto model = small_translator(folder, "none", 3, 3);
  const auto picture = drawn_picture(3, 130, 141);
  const auto whole = model.translate(picture, {.precision = "float32"});
  const auto tiles = model.translate(picture, {.tile_px = 32, .precision = "float32"});
  EXPECT_LE((whole.to(at::kInt) - tiles.to(at::kInt)).abs().max().item<int64_t>(), 1);
  EXPECT_GT(whole.to(at::kFloat).std().item<float>(), 1);
}

TEST(TranslateTest, AModelOfBothWaysMakesEachKindOfTheOther) {
  const TemporaryFolder folder;
  small_translator(folder, "none", 1, 3);
  auto file = read_model(folder / "model.safetensors");
  auto options = config_of(file.parts[0]).translator;
  const auto back = make_translator(options, 3, 1, make_random(6));
  file.parts.push_back({"generator-back", "translator", file.parts[0].options, false});
  for (const auto& weight : back->named_parameters()) file.tensors["generator-back." + weight.key()] = weight.value();
  write_model(folder / "both.safetensors", file);
  const auto both = Model::load(folder / "both.safetensors", "cpu"),
             one = Model::load(folder / "model.safetensors", "cpu");
  EXPECT_EQ(both.info().directions, (std::vector<std::string>{"a2b", "b2a"}));
  EXPECT_EQ(one.info().directions, (std::vector<std::string>{"a2b"}));
  const auto picture = drawn_picture(3, 12, 16);
  EXPECT_TRUE(at::equal(both.translate(picture), one.translate(picture, {.direction = "a2b"})));
  const auto made = both.translate(picture, {.direction = "b2a", .precision = "float32"});
  const auto expected = back->forward(picture.unsqueeze(0).to(at::kFloat) / 127.5 - 1)[0];
  EXPECT_EQ(made.sizes(), at::IntArrayRef({1, 12, 16}));
  EXPECT_LE((made.to(at::kFloat) / 127.5 - 1 - expected).abs().max().item<double>(), 1 / 127.5);
  try {
    one.translate(picture, {.direction = "b2a"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "option direction: received b2a, accepted: a2b, as this paired-translation model translates no other "
                 "way");
  }
}

TEST(TranslateTest, AModelOfLabelMapsIsShownAChannelForEachKind) {
  const TemporaryFolder folder;
  const auto model = small_translator(folder, "none", 1, 3, /*kinds=*/9);
  auto file = read_model(folder / "model.safetensors");
  EXPECT_EQ(model.info().source_kinds, 9);
  EXPECT_EQ(model.info().source_channels, 1);
  const auto map = at::empty({1, 45, 70}, at::kByte).random_(0, 9, make_random(3));
  const auto network = make_translator(config_of(file.parts[0]).translator, 9, 3, make_random(0));
  {
    const torch::NoGradGuard still;
    for (auto& weight : network->named_parameters()) weight.value().copy_(file.tensors.at("generator." + weight.key()));
  }
  const auto shown = at::one_hot(map.to(at::kLong), 9).permute({0, 3, 1, 2}).to(at::kFloat);
  const auto expected = ((network->forward(shown)[0] + 1) * 127.5).round().clamp(0, 255);
  for (const int64_t tile_px : {0, 32}) {
    const auto made = model.translate(map, {.tile_px = tile_px, .precision = "float32"});
    EXPECT_LE((made.to(at::kFloat) - expected).abs().max().item<double>(), 1) << tile_px;
  }
  const auto refused = [&](const at::Tensor& picture) -> std::string {
    try {
      model.translate(picture);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refused(map.add(1)), "translate: received the number 9, accepted: a label map of 9 kinds, 0 to 8");
  EXPECT_EQ(refused(map.expand({3, -1, -1})),
            "translate: received 3 channels, accepted: a label map [1, height, width]");
  file.source_kinds = 300;
  write_model(folder / "many.safetensors", file);
  EXPECT_THROW(Model::load(folder / "many.safetensors", "cpu"), Error);
}

TEST(TranslateTest, RefusesWhatTheModelCannot) {
  const TemporaryFolder folder;
  const auto model = small_translator(folder, "none", 3, 3);
  EXPECT_THROW(model.upscale(drawn_picture(3, 8, 8)), Error);
  EXPECT_THROW(model.translate(drawn_picture(2, 8, 8)), Error);
  EXPECT_THROW(model.translate(drawn_picture(3, 8, 8), {.tile_px = 4}), Error);
}

}  // namespace
}  // namespace forger
