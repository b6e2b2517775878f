#include "image/resize.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fmt/format.h>

#include "forger/error.h"
#include "image/golden_pixels.h"

namespace forger {
namespace {

TEST(ResizeTest, EqualsPillowsBitForBit) {
  for (const int channels : {1, 3, 4}) {
    const std::string source = fmt::format("noise_{}", channels);
    const Pixels noise = golden_pixels(source);
    for (const auto& [height, width] : {std::pair(32, 32), std::pair(20, 80), std::pair(70, 11), std::pair(30, 40)}) {
      for (const auto& [filter, name] :
           {std::pair(Filter::bilinear, "bilinear"), std::pair(Filter::bicubic, "bicubic")}) {
        const std::string expected = fmt::format("{}_{}_{}x{}", source, name, height, width);
        EXPECT_EQ(largest_difference(resize(noise, height, width, filter), golden_pixels(expected)), 0) << expected;
      }
    }
  }
}

TEST(ResizeTest, TakesPillowsNearestPixels) {
  const Pixels noise = golden_pixels("noise_3");
  for (const auto& [height, width] : {std::pair(32, 32), std::pair(20, 80), std::pair(70, 11), std::pair(30, 40)}) {
    const std::string expected = fmt::format("noise_3_nearest_{}x{}", height, width);
    EXPECT_EQ(largest_difference(resize(noise, height, width, Filter::nearest), golden_pixels(expected)), 0)
        << expected;
  }
}

Pixels plain(int64_t height, int64_t width, std::vector<uint8_t> color) {
  Pixels image(height, width, static_cast<int64_t>(color.size()));
  for (size_t i = 0; i < image.values.size(); ++i) image.values[i] = color[i % color.size()];
  return image;
}

TEST(ResizeTest, KeepsOneColorWhateverTheSizes) {
  EXPECT_TRUE(rc::check("one colour", [] {
    const auto side = [] { return *rc::gen::inRange<int64_t>(1, 60); };
    const Pixels image = plain(side(), side(), {*rc::gen::arbitrary<uint8_t>()});
    const Pixels resized = resize(image, side(), side());
    for (const uint8_t value : resized.values) RC_ASSERT(value == image.values[0]);
  }));
}

TEST(FitTest, CropCutsTheMiddleOut) {
  Pixels image(4, 12, 1);
  for (int64_t i = 0; i < 48; ++i) image.values[static_cast<size_t>(i)] = static_cast<uint8_t>(i % 12);
  const Pixels fitted = fit_image(image, {1, 4, 4}, Fit::crop);
  EXPECT_EQ(std::vector<uint8_t>(fitted.values.begin(), fitted.values.begin() + 4), (std::vector<uint8_t>{4, 5, 6, 7}));
}

TEST(FitTest, PadAddsBlackEdges) {
  const Pixels fitted = fit_image(plain(4, 8, {200}), {1, 8, 8}, Fit::pad);
  EXPECT_EQ(fitted.row(1)[4], 0);
  EXPECT_EQ(fitted.row(2)[0], 200);
  EXPECT_EQ(fitted.row(5)[7], 200);
  EXPECT_EQ(fitted.row(6)[4], 0);
}

TEST(FitTest, AnyImageComesToTheShapeInEveryWay) {
  EXPECT_TRUE(rc::check("shape", [] {
    const auto side = [] { return *rc::gen::inRange<int64_t>(1, 90); };
    const int64_t channels = *rc::gen::element<int64_t>(1, 3, 4), wanted = *rc::gen::element<int64_t>(1, 3, 4);
    const Fit fit = *rc::gen::element(Fit::crop, Fit::pad, Fit::stretch);
    const ImageShape shape{wanted, side(), side()};
    const Pixels fitted = fit_image(Pixels(side(), side(), channels), shape, fit);
    RC_ASSERT((ImageShape{fitted.channels, fitted.height, fitted.width} == shape));
  }));
}

TEST(FitTest, UnknownWordIsRefusedWithTheNearest) {
  EXPECT_EQ(parse_fit("pad"), Fit::pad);
  try {
    parse_fit("corp");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "data.fit: received \"corp\", accepted: crop, pad, stretch, tiles (did you mean \"crop\"?)");
  }
}

TEST(ChannelsTest, GreyIsPillowsLuma) {
  EXPECT_EQ(largest_difference(to_channels(golden_pixels("rgb.png"), 1), golden_pixels("luma_of_rgb")), 0);
}

TEST(ChannelsTest, TransparencyLiesOverWhite) {
  EXPECT_EQ(to_channels(plain(1, 1, {10, 20, 30, 0}), 3).values, (std::vector<uint8_t>{255, 255, 255}));
  EXPECT_EQ(to_channels(plain(1, 1, {10, 20, 30, 255}), 3).values, (std::vector<uint8_t>{10, 20, 30}));
  EXPECT_EQ(to_channels(plain(1, 1, {0, 0, 0, 51}), 1).values, (std::vector<uint8_t>{204}));
}

TEST(ChannelsTest, AddedAlphaIsOpaque) {
  EXPECT_EQ(to_channels(plain(1, 1, {7}), 4).values, (std::vector<uint8_t>{7, 7, 7, 255}));
}

}  // namespace
}  // namespace forger
