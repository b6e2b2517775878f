#include "image/image_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "forger/error.h"
#include "image/golden_pixels.h"
#include "image/png.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string error_of(const std::string& bytes, const std::string& name) {
  try {
    decode_image(bytes, name);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

class Lossless : public ::testing::TestWithParam<const char*> {};

TEST_P(Lossless, DecodesToTheExactPixels) {
  EXPECT_EQ(largest_difference(decode_image(golden_file(GetParam()), GetParam()), golden_pixels(GetParam())), 0);
}

INSTANTIATE_TEST_SUITE_P(Files, Lossless,
                         ::testing::Values("grey.png", "rgb.png", "rgba.png", "grey_alpha.png", "one_bit.png",
                                           "palette.png", "palette_alpha.png", "grey16.png", "rgb16.png",
                                           "interlaced.png", "exif_6.png", "rgb.webp", "rgba.webp", "animated.webp",
                                           "exif_6.webp"));

class Jpeg : public ::testing::TestWithParam<const char*> {};

TEST_P(Jpeg, DecodesToPillowsPixelsWithinTwoLevels) {
  EXPECT_LE(largest_difference(decode_image(golden_file(GetParam()), GetParam()), golden_pixels(GetParam())), 2);
}

INSTANTIATE_TEST_SUITE_P(Files, Jpeg,
                         ::testing::Values("grey.jpg", "rgb.jpg", "progressive.jpg", "cmyk.jpg", "exif_1.jpg",
                                           "exif_2.jpg", "exif_3.jpg", "exif_4.jpg", "exif_5.jpg", "exif_6.jpg",
                                           "exif_7.jpg", "exif_8.jpg"));

class LabelMap : public ::testing::TestWithParam<std::pair<const char*, int>> {};

TEST_P(LabelMap, DecodesToTheNumbersThatItStores) {
  const auto& [name, kinds] = GetParam();
  const auto map = decode_image(golden_file(name), name, {.kinds = kinds});
  ASSERT_EQ(std::tuple(map.height, map.width, map.channels), std::tuple(9, 13, 1));
  for (int y = 0; y < 9; ++y) {
    for (int x = 0; x < 13; ++x) EXPECT_EQ(map.row(y)[x], (5 * y + 3 * x) % kinds) << y << " " << x;
  }
  try {
    decode_image(golden_file(name), name, {.kinds = kinds - 1});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), fmt::format("{}: holds the number {}, accepted: a label map of {} kinds, 0 to {}", name,
                                        kinds - 1, kinds - 1, kinds - 2));
  }
}

INSTANTIATE_TEST_SUITE_P(Files, LabelMap,
                         ::testing::Values(std::pair("map_palette.png", 11), std::pair("map_palette4.png", 11),
                                           std::pair("map_grey.png", 11), std::pair("map_grey2.png", 4),
                                           std::pair("map_grey16.png", 11), std::pair("map_interlaced4.png", 11)));

TEST(LabelMapTest, WhatHasColoursOrLossIsNone) {
  for (const auto& [name, what] :
       {std::pair("rgb.png", "PNG of RGB pixels"), std::pair("grey.jpg", "JPEG of grey pixels"),
        std::pair("grey_alpha.png", "PNG of grey with alpha pixels"), std::pair("rgb.webp", "WebP of RGB pixels")}) {
    try {
      decode_image(golden_file(name), name, {.kinds = 256});
      FAIL() << name;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), StartsWith(fmt::format("{}: is a {}, accepted: a label map", name, what)));
    }
  }
}

TEST(ImageInfoTest, TellsModeDepthAlphaAndOrientation) {
  const auto info = [](const std::string& name) { return image_info(golden_file(name), name); };
  EXPECT_EQ(info("grey.png").mode, "grey");
  EXPECT_EQ(info("grey_alpha.png").mode, "grey with alpha");
  EXPECT_EQ(info("palette.png").mode, "palette");
  EXPECT_EQ(info("palette_alpha.png").mode, "palette with alpha");
  EXPECT_EQ(info("cmyk.jpg").mode, "CMYK");
  EXPECT_EQ(info("grey16.png").bit_depth, 16);
  EXPECT_EQ(info("grey.png").bit_depth, 8);
  EXPECT_TRUE(info("rgba.webp").alpha);
  EXPECT_FALSE(info("rgb.webp").alpha);
  EXPECT_TRUE(info("animated.webp").animated);
  EXPECT_EQ(info("exif_6.jpg").orientation, 6);
}

TEST(ImageInfoTest, SizeIsThatOfTheUprightImage) {
  const ImageInfo info = image_info(golden_file("exif_6.jpg"), "x");
  EXPECT_EQ(info.height, 40);
  EXPECT_EQ(info.width, 24);
}

TEST(DecodeTest, JpegComesAtTheSmallestSufficientEighth) {
  const std::string bytes = golden_file("rgb.jpg");  // 24 x 40
  const auto size = [&](DecodeGoal goal) {
    const Pixels image = decode_image(bytes, "x", goal);
    return std::pair(image.height, image.width);
  };
  EXPECT_EQ(size({3, 5}), std::pair(int64_t{3}, int64_t{5}));
  EXPECT_EQ(size({4, 5}), std::pair(int64_t{6}, int64_t{10}));
  EXPECT_EQ(size({3, 11}), std::pair(int64_t{9}, int64_t{15}));
  EXPECT_EQ(size({3, 40, false}), std::pair(int64_t{3}, int64_t{5}));
  EXPECT_EQ(size({24, 40}), std::pair(int64_t{24}, int64_t{40}));
  EXPECT_EQ(size({100, 100}), std::pair(int64_t{24}, int64_t{40}));
}

TEST(DecodeTest, GoalIsMeantForTheUprightImage) {
  const Pixels image = decode_image(golden_file("exif_6.jpg"), "x", {5, 3});  // 40 x 24 upright
  EXPECT_EQ(image.height, 5);
  EXPECT_EQ(image.width, 3);
}

/// A 16-bit PNG of 1, 3 or 4 channels and one row.
std::string deep_png(const std::vector<uint16_t>& values, int64_t channels) {
  const TemporaryFolder folder;
  const auto path = folder / "deep.png";
  PngWriter writer(path, {1, static_cast<int64_t>(values.size()) / channels, channels, 16});
  writer.write_row(values.data());
  writer.finish();
  return read_file(path);
}

TEST(LevelsOfImagesTest, ColoursAreStretchedAndAlphaIsNot) {
  // 800 is a fifth of 0 to 4000; 4095 is beyond.
  const std::vector<uint16_t> pixels = {0, 800, 4000, 65535, 4095, 800, 0, 13107, 9, 9, 9, 0};
  DeepCount count;
  const auto image = decode_image(deep_png(pixels, 4), "x", {.levels = {0, 4000}, .count = &count});
  EXPECT_THAT(image.values, ElementsAre(0, 51, 255, 255, 255, 51, 0, 51, 1, 1, 1, 0));
  EXPECT_EQ(count.values, 6);  // the last pixel is not to be seen
  EXPECT_EQ(count.beyond, 1);
  EXPECT_THAT(deep_colors(deep_png(pixels, 4), "x"), ElementsAre(0, 800, 4000, 4095, 800, 0));
}

TEST(LevelsOfImagesTest, GreyAndColoursWithoutAlphaAreStretchedAlike) {
  for (const int64_t channels : {1, 3}) {
    const auto image = decode_image(deep_png({100, 200, 300, 400, 500, 600}, channels), "x", {.levels = {100, 610}});
    EXPECT_THAT(image.values, ElementsAre(0, 50, 100, 150, 200, 250)) << channels;
  }
}

TEST(LevelsOfImagesTest, GreyWithAlphaKeepsItsAlpha) {
  // Two pixels, (1000, 65535) and (3000, 0), after golden/make.py's `png`.
  const auto bytes = golden_file("grey_alpha16.png");
  EXPECT_EQ(image_info(bytes, "x").mode, "grey with alpha");
  EXPECT_THAT(decode_image(bytes, "x", {.levels = {0, 5100}}).values, ElementsAre(50, 50, 50, 255, 150, 150, 150, 0));
  EXPECT_THAT(deep_colors(bytes, "x"), ElementsAre(1000));
}

TEST(LevelsOfImagesTest, EightBitImagesStayAsTheyAre) {
  for (const char* name : {"grey.png", "rgb.png", "rgba.png", "palette.png", "rgb.webp"}) {
    DeepCount count;
    const auto image = decode_image(golden_file(name), name, {.levels = {0, 4095}, .count = &count});
    EXPECT_EQ(largest_difference(image, golden_pixels(name)), 0) << name;
    EXPECT_EQ(count.values, 0);
    EXPECT_TRUE(deep_colors(golden_file(name), name).empty());
  }
}

TEST(ImageInfoTest, TellsWhatIsNotApplied) {
  const auto info = [](const std::string& name) { return image_info(golden_file(name), name); };
  for (const char* kind : {"png", "jpg", "webp"}) {
    EXPECT_TRUE(info(std::string("other_profile.") + kind).other_profile) << kind;
    EXPECT_FALSE(info(std::string("srgb_profile.") + kind).other_profile) << kind;
  }
  EXPECT_FALSE(info("rgb.jpg").other_profile);
  EXPECT_TRUE(info("animated.png").animated);
  EXPECT_FALSE(info("rgb.png").animated);
}

TEST(DecodeTest, BombsAreRefusedByTheirHeader) {
  EXPECT_THAT(error_of(golden_file("bomb.png"), "bomb.png"),
              AllOf(StartsWith("bomb.png: "), HasSubstr("30000 x 30000"), HasSubstr("178956970")));
  std::string jpeg = golden_file("rgb.jpg");
  const size_t frame = jpeg.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  jpeg.replace(frame + 5, 4, "\x75\x30\x75\x30");  // height and width: 30,000
  EXPECT_THAT(error_of(jpeg, "bomb.jpg"), HasSubstr("30000 x 30000"));
}

TEST(DecodeTest, OtherKindsOfFilesAreNamed) {
  EXPECT_THAT(error_of(golden_file("gif_named.png"), "a/b.png"), AllOf(StartsWith("a/b.png: "), HasSubstr("GIF")));
  EXPECT_EQ(error_of("", "empty.png"), "empty.png: empty file");
  EXPECT_THAT(error_of("hello, world", "note.jpg"), HasSubstr("not an image"));
}

class Truncated : public ::testing::TestWithParam<const char*> {};

TEST_P(Truncated, IsAnErrorAtEveryLengthThatLacksPixels) {
  const std::string bytes = golden_file(GetParam());
  // The last bytes may be an end marker that no pixel depends on.
  for (size_t length = 0; length + 16 < bytes.size(); ++length) {
    EXPECT_THAT(error_of(bytes.substr(0, length), "cut"), StartsWith("cut: ")) << length;
  }
}

INSTANTIATE_TEST_SUITE_P(Files, Truncated,
                         ::testing::Values("rgb.png", "grey16.png", "interlaced.png", "grey.jpg", "rgb.jpg", "cmyk.jpg",
                                           "rgb.webp", "rgba.webp"));

TEST(DecodeTest, DamagedBytesGiveAnErrorOrAnImageButNoCrash) {
  const std::vector<std::string> files = {
      "rgb.png",      "palette_alpha.png", "grey16.png",        "interlaced.png",     "rgb.jpg",
      "cmyk.jpg",     "exif_6.jpg",        "rgba.webp",         "animated.webp",      "exif_6.webp",
      "animated.png", "other_profile.png", "other_profile.jpg", "other_profile.webp", "grey_alpha16.png"};
  EXPECT_TRUE(rc::check("damaged", [&] {
    std::string bytes = golden_file(*rc::gen::elementOf(files));
    for (int i = 0; i < *rc::gen::inRange(1, 8); ++i) {
      bytes[*rc::gen::inRange<size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
    }
    try {
      decode_image(bytes, "x", {4, 4});
      image_info(bytes, "x");
      deep_colors(bytes, "x");
    } catch (const Error&) {
    }
  }));
}

TEST(FormatTest, IsPromisedByTheExtensionInAnyCase) {
  EXPECT_EQ(format_of_extension("a/b.JPG"), ImageFormat::jpeg);
  EXPECT_EQ(format_of_extension("x.jpeg"), ImageFormat::jpeg);
  EXPECT_EQ(format_of_extension("x.tar.png"), ImageFormat::png);
  EXPECT_EQ(format_of_extension("x.webp"), ImageFormat::webp);
  EXPECT_EQ(format_of_extension("x.gif"), std::nullopt);
  EXPECT_EQ(format_of_extension("png"), std::nullopt);
}

}  // namespace
}  // namespace forger
