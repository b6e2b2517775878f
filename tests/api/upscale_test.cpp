#include "forger/upscale.h"

#include <gmock/gmock.h>

#include "config/architecture.h"
#include "core/files.h"
#include "core/random.h"
#include "core/torch.h"
#include "forger/model.h"
#include "image/image_file.h"
#include "image/pixels.h"
#include "image/png.h"
#include "image/rows.h"
#include "model/model_file.h"
#include "networks/catalog.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

/// A small network whose weights nobody trained: what it makes is the image enlarged, and a little noise.
Model small_model(const TemporaryFolder& folder, int64_t channels = 3, int64_t scale = 2) {
  Config config;
  config.upscaler.network = "compact";
  config.upscaler.scale = scale;
  config.upscaler.features = 6;
  config.upscaler.blocks = 3;
  const auto network = make_upscaler(config.upscaler, channels, channels, make_random(5));
  ModelFile file;
  file.game = "super-resolution";
  file.shape = file.source_shape = {channels, 0, 0};
  file.parts.push_back({"generator", "upscaler", architecture_of(config, "upscaler"), false});
  for (const auto& weight : network->named_parameters()) file.tensors["generator." + weight.key()] = weight.value();
  const auto path = folder / "model.safetensors";
  write_model(path, file);
  return Model::load(path, "cpu");
}

at::Tensor noise(int64_t channels, int64_t height, int64_t width) {
  return at::empty({channels, height, width}, at::kByte).random_(0, 256, make_random(3));
}

int64_t largest(const at::Tensor& left, const at::Tensor& right) {
  EXPECT_EQ(left.sizes(), right.sizes());
  return (left.to(at::kInt) - right.to(at::kInt)).abs().max().item<int64_t>();
}

UpscaleOptions exact(int64_t tile_px = 0) { return {.tile_px = tile_px, .precision = "float32"}; }

TEST(UpscaleTest, TilesGiveWhatTheWholeGives) {
  const TemporaryFolder folder;
  for (const auto& [channels, picture] : {std::pair<int64_t, int64_t>{1, 3}, {3, 1}, {3, 3}, {3, 4}}) {
    const auto model = small_model(folder, channels);
    EXPECT_EQ(model.info().scale, 2);
    const auto image = noise(picture, 60, 71);
    const auto whole = model.upscale(image, exact());
    EXPECT_EQ(whole.sizes().vec(), (std::vector<int64_t>{picture, 120, 142}));
    EXPECT_LE(largest(model.upscale(image, exact(48)), whole), 1) << channels << " " << picture;
  }
}

TEST(UpscaleTest, WrappedBordersAreThoseOfThePictureAmongItsOwnCopies) {
  const TemporaryFolder folder;
  const auto model = small_model(folder);
  const auto image = noise(3, 20, 31);
  auto options = exact(32);
  options.wrap = true;
  const auto around = model.upscale(image.repeat({1, 3, 3}), exact());
  const auto middle = around.narrow(1, 40, 40).narrow(2, 62, 62);
  EXPECT_LE(largest(model.upscale(image, options), middle), 1);
  EXPECT_GT(largest(model.upscale(image, exact()), middle), 1);
}

TEST(UpscaleTest, FreeScalesAreReached) {
  const TemporaryFolder folder;
  const auto model = small_model(folder);
  for (const double scale : {0.5, 1.0, 1.7, 2.0, 3.1}) {
    auto options = exact();
    options.scale = scale;
    const auto made = model.upscale(at::full({4, 20, 30}, 90, at::kByte), options);
    EXPECT_EQ(made.size(1), std::llround(20 * scale));
    EXPECT_EQ(made.size(2), std::llround(30 * scale));
    EXPECT_EQ(made[3].min().item<int64_t>(), 90);
    EXPECT_EQ(made[3].max().item<int64_t>(), 90);
  }
}

TEST(UpscaleTest, SixteenBitsStaySixteenAndKeepWhatEightWouldLose) {
  const TemporaryFolder folder;
  const auto model = small_model(folder);
  PngWriter writer(folder / "deep.png", {32, 32, 1, 16});
  for (uint16_t y = 0; y < 32; ++y) {
    const std::vector<uint16_t> row(32, static_cast<uint16_t>(30000 + 5 * y));  // less than a level of 8 bits
    writer.write_row(row.data());
  }
  writer.finish();
  ASSERT_TRUE(model.upscale_file(folder / "deep.png", folder / "large.png", exact()));
  const auto bytes = std::make_shared<const std::string>(read_file(folder / "large.png"));
  EXPECT_EQ(image_info(*bytes, "large").mode, "grey");
  const auto rows = open_deep_rows(bytes, "large");
  ASSERT_EQ(rows->value_bytes(), 2);
  ASSERT_EQ(rows->height(), 64);
  std::vector<uint16_t> values(64 * 64);
  rows->read(reinterpret_cast<uint8_t*>(values.data()), 64);
  EXPECT_THAT(std::set<uint16_t>(values.begin(), values.end()), testing::SizeIs(testing::Ge(20)));
}

TEST(UpscaleTest, AStopLeavesNothing) {
  const TemporaryFolder folder;
  const auto model = small_model(folder);
  write_png(folder / "in.png", noise(3, 300, 300));
  double last = -1;
  int asked = 0;
  const UpscaleHooks hooks{.goes_on =
                               [&](double done) {
                                 EXPECT_GT(done, last);
                                 last = done;
                                 return ++asked < 3;
                               },
                           .on_message = {}};
  EXPECT_FALSE(model.upscale_file(folder / "in.png", folder / "out.png", exact(48), hooks));
  EXPECT_EQ(asked, 3);
  EXPECT_FALSE(std::filesystem::exists(folder / "out.png"));
}

TEST(UpscaleTest, AModelThatGivesNoColoursIsAnErrorThatNamesThePicture) {
  const TemporaryFolder folder;
  small_model(folder);
  auto file = read_model(folder / "model.safetensors");
  for (auto& [name, tensor] : file.tensors) tensor = at::full_like(tensor, 1e12);
  write_model(folder / "wild.safetensors", file);
  const auto model = Model::load(folder / "wild.safetensors", "cpu");
  write_png(folder / "in.png", noise(3, 9, 9));
  try {
    model.upscale_file(folder / "in.png", folder / "out.png");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("in.png: the model gives numbers that are no colours"));
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "out.png"));
}

TEST(UpscaleTest, WhatCannotWorkIsRefused) {
  const TemporaryFolder folder;
  const auto model = small_model(folder);
  write_png(folder / "in.png", noise(3, 4, 40000));
  EXPECT_THROW(model.upscale(noise(2, 4, 4)), Error);
  EXPECT_THROW(model.upscale(at::zeros({3, 4, 4})), Error);
  EXPECT_THROW(model.upscale(at::zeros({3, 0, 4}, at::kByte)), Error);
  EXPECT_THROW(model.upscale(noise(3, 4, 4), {.scale = -1}), Error);
  EXPECT_THROW(model.upscale(noise(3, 4, 4), {.tile_px = 5}), Error);
  EXPECT_THROW(model.upscale(noise(3, 4, 4), {.precision = "half"}), Error);
  EXPECT_THROW(model.upscale_file(folder / "in.png", folder / "in.png"), Error);
  EXPECT_THROW(model.upscale_file(folder / "in.png", folder / "out.tiff"), Error);
  EXPECT_THROW(model.upscale_file(folder / "in.png", folder / "out.jpg"), Error);  // 80,000 pixels wide
  EXPECT_THROW(model.upscale_file(folder / "none.png", folder / "out.png"), Error);
}

}  // namespace
}  // namespace forger
