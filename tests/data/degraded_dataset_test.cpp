#include "data/degraded_dataset.h"

#include <gmock/gmock.h>

#include "core/torch.h"
#include "data/image_folder.h"
#include "data/open.h"
#include "data/refused_opening.h"
#include "forger/error.h"

namespace forger {
namespace {

/// A picture in which no two places look the same.
Pixels slopes(int64_t height, int64_t width) {
  Pixels image(height, width, 3);
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      image.row(y)[3 * x] = static_cast<uint8_t>(2 * x);
      image.row(y)[3 * x + 1] = static_cast<uint8_t>(2 * y);
      image.row(y)[3 * x + 2] = static_cast<uint8_t>((x * y) % 256);
    }
  }
  return image;
}

Config super_resolution(const ImageFolder& folder) {
  Config config;
  config.game = "super-resolution";
  config.data.source = folder.string();
  config.data.size = {32, 32};
  config.upscaler.scale = 4;
  return config;
}

TEST(DegradedDatasetTest, ASourceIsThatPartOfTheWholePictureMadeSmall) {
  const ImageFolder folder;
  const auto picture = slopes(96, 120);
  for (const char* name : {"a.png", "b.png"}) folder.write(name, encode_png(to_tensor(picture)));
  const auto data = open_data(super_resolution(folder));
  EXPECT_EQ(data.shape.height, 32);
  EXPECT_EQ(data.source_shape.height, 8);
  EXPECT_EQ(data.source_shape.width, 8);
  EXPECT_EQ(data.training->size(), 2 * (96 * 120 / (32 * 32)));
  const auto small = to_tensor(to_pixels(resized(to_float(picture), 24, 30)));
  for (uint64_t draw = 1; draw <= 20; ++draw) {
    const auto item = data.training->get(3, draw);
    // Where the part was cut: red tells columns, green rows.
    const int64_t left = item.image[0][0][0].item<int64_t>() / 2, top = item.image[1][0][0].item<int64_t>() / 2;
    EXPECT_EQ(left % 4, 0);
    EXPECT_EQ(top % 4, 0);
    const auto part = small.slice(1, top / 4, top / 4 + 8).slice(2, left / 4, left / 4 + 8);
    EXPECT_TRUE(at::equal(item.source, part)) << top << " " << left;
  }
}

TEST(DegradedDatasetTest, PartsFollowFromTheDrawAndCoverThePicture) {
  const ImageFolder folder;
  folder.write("a.png", encode_png(to_tensor(slopes(64, 64))));
  folder.write("b.png", encode_png(to_tensor(slopes(64, 64))));
  auto config = super_resolution(folder);
  config.degradation.kind = "blind";
  const auto data = open_data(config);
  EXPECT_TRUE(data.training->varies());
  const auto once = data.training->get(0, 7), again = data.training->get(0, 7);
  EXPECT_TRUE(at::equal(once.image, again.image));
  EXPECT_TRUE(at::equal(once.source, again.source));
  std::set<int64_t> lefts;
  for (uint64_t draw = 0; draw < 60; ++draw)
    lefts.insert(data.training->get(0, draw).image[0][0][0].item<int64_t>() / 2);
  EXPECT_EQ(*lefts.begin(), 0);
  EXPECT_EQ(*lefts.rbegin(), 32);
}

TEST(DegradedDatasetTest, GivenSmallImagesAreTakenByName) {
  const ImageFolder folder, small;
  const auto picture = slopes(64, 64);
  folder.write("a.png", encode_png(to_tensor(picture)));
  folder.write("b.png", encode_png(to_tensor(picture)));
  auto other = slopes(16, 16);
  small.write("a.png", encode_png(to_tensor(other)));
  auto config = super_resolution(folder);
  config.degradation.low = small.string();
  EXPECT_THAT(refusal(config), testing::HasSubstr("degradation.low: has no image named as b.png"));
  small.write("bx4.png", encode_png(to_tensor(other)));  // as DIV2K's are called
  const auto data = open_data(config);
  const auto item = data.training->get(0, 5);
  const int64_t left = item.image[0][0][0].item<int64_t>() / 2;
  EXPECT_EQ(item.source[0][0][0].item<int64_t>() / 2, left / 4);

  small.write("a.png", encode_png(to_tensor(slopes(16, 20))));
  small.write("bx4.png", encode_png(to_tensor(slopes(16, 20))));
  try {
    open_data(config).training->get(0, 5);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("is 16x20 (height x width), accepted: 16x16"));
  }
}

TEST(DegradedDatasetTest, APictureSmallerThanAPartIsNamed) {
  const ImageFolder folder;
  for (const char* name : {"a.png", "b.png"}) folder.write(name, encode_png(to_tensor(slopes(31, 64))));
  const auto data = open_data(super_resolution(folder));
  try {
    data.training->get(0, 0);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("is 31x64 (height x width), smaller than the 32x32"));
  }
}

TEST(DegradedDatasetTest, WithoutASizePartsSuitTheScale) {
  const ImageFolder folder;
  for (const char* name : {"a.png", "b.png"}) folder.write(name, encode_png(to_tensor(slopes(200, 200))));
  auto config = super_resolution(folder);
  config.data.size = {};
  EXPECT_EQ(open_data(config).shape.height, 96);
  config.upscaler.scale = 8;
  EXPECT_EQ(open_data(config).shape.height, 128);
}

}  // namespace
}  // namespace forger
