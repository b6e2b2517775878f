#include "image/grid.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/torch.h"
#include "forger/error.h"
#include "image/image_file.h"
#include "image/png.h"

namespace forger {
namespace {

TEST(BytesTest, EveryLevelSurvivesTheWayToFloatsAndBack) {
  const at::Tensor levels = at::arange(256, at::kByte).view({1, 1, 16, 16});
  EXPECT_TRUE(at::equal(to_bytes(to_floats(levels)), levels));
  EXPECT_EQ(to_floats(levels).min().item<float>(), -1);
  EXPECT_EQ(to_floats(levels).max().item<float>(), 1);
}

TEST(BytesTest, WhatIsOutsideIsClampedAndNotANumberIsBlack) {
  const at::Tensor values =
      at::tensor({-7.0F, 7.0F, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
          .view({1, 1, 2, 2});
  EXPECT_TRUE(at::equal(to_bytes(values).flatten(), at::tensor({0, 255, 0, 255}, at::kByte)));
}

TEST(GridTest, PlacesImagesInRowsWithGaps) {
  at::Tensor images = at::zeros({3, 1, 2, 2}, at::kByte);
  images[1].fill_(10);
  images[2].fill_(20);
  const at::Tensor grid = image_grid(images, 2);
  EXPECT_EQ(grid.sizes(), (std::vector<int64_t>{1, 10, 10}));
  EXPECT_EQ(grid[0][2][2].item<int>(), 0);
  EXPECT_EQ(grid[0][2][6].item<int>(), 10);
  EXPECT_EQ(grid[0][6][2].item<int>(), 20);
  EXPECT_EQ(grid[0][6][6].item<int>(), 255);  // an empty place
  EXPECT_EQ(grid[0][4][4].item<int>(), 255);
}

TEST(GridTest, IsNearlySquare) {
  EXPECT_EQ(image_grid(at::zeros({64, 3, 6, 6}, at::kByte)).sizes(), (std::vector<int64_t>{3, 66, 66}));
  EXPECT_EQ(image_grid(at::zeros({1, 3, 6, 6}, at::kByte)).sizes(), (std::vector<int64_t>{3, 10, 10}));
}

TEST(GridTest, RefusesWhatIsNoBatchOfImages) { EXPECT_THROW(image_grid(at::zeros({3, 6, 6}, at::kByte)), Error); }

TEST(ScatterTest, DotLiesWhereThePointIs) {
  const at::Tensor picture = scatter_picture(at::tensor({0.5F, 0.5F}).view({1, 2}), 1, 100);
  EXPECT_EQ(picture.sizes(), (std::vector<int64_t>{3, 100, 100}));
  EXPECT_LT(picture[0][25][75].item<int>(), 150);  // right and up
  EXPECT_EQ(picture[0][75][25].item<int>(), 255);
}

TEST(ScatterTest, PointsOutsideAndNotANumberAreLeftOut) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const at::Tensor points = at::tensor({9.0F, 0.3F, nan, 0.2F, -1e30F, 1e30F}).view({3, 2});
  EXPECT_TRUE(at::equal(scatter_picture(points, 1, 64), scatter_picture(at::empty({0, 2}), 1, 64)));
}

TEST(SamplePictureTest, EnlargesSmallImagesByWholeFactors) {
  EXPECT_EQ(sample_picture(at::zeros({4, 1, 28, 28})).sizes(), (std::vector<int64_t>{1, 118, 118}));
  EXPECT_EQ(sample_picture(at::zeros({1, 3, 128, 128})).sizes(), (std::vector<int64_t>{3, 132, 132}));
}

TEST(SamplePictureTest, DrawsPoints) {
  EXPECT_EQ(sample_picture(at::zeros({5, 2, 1, 1})).sizes(), (std::vector<int64_t>{3, 512, 512}));
}

TEST(PngTest, WhatIsWrittenIsReadBack) {
  for (const int64_t channels : {1, 3, 4}) {
    const at::Tensor picture = at::arange(channels * 5 * 7, at::kByte).view({channels, 5, 7});
    EXPECT_TRUE(at::equal(to_tensor(decode_image(encode_png(picture), "x")), picture)) << channels;
  }
}

TEST(PngTest, RefusesImpossiblePictures) {
  EXPECT_THROW(encode_png(at::zeros({5, 5, 5}, at::kByte)), Error);
  EXPECT_THROW(encode_png(at::zeros({3, 0, 5}, at::kByte)), Error);
  EXPECT_THROW(encode_png(at::zeros({3, 5, 5})), Error);
}

}  // namespace
}  // namespace forger
