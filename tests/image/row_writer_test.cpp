#include "image/row_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image/golden_pixels.h"
#include "image/rows.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

/// A smooth picture: codecs with a loss keep it within a few levels.
Pixels slope(int64_t height, int64_t width, int64_t channels) {
  Pixels image(height, width, channels);
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t i = 0; i < width * channels; ++i) image.row(y)[i] = static_cast<uint8_t>(2 * y + 3 * (i / channels));
  }
  return image;
}

std::string written(const std::filesystem::path& path, ImageFormat format, const Pixels& image,
                    const std::string& profile = "", int quality = 95) {
  std::filesystem::remove(path);
  const auto writer = open_writer(path, format, {image.height, image.width, image.channels, 8, profile}, quality);
  for (int64_t y = 0; y < image.height; ++y) writer->write_row(image.row(y));
  EXPECT_FALSE(std::filesystem::exists(path));
  writer->finish();
  return read_file(path);
}

/// Long enough to need two parts in a JPEG.
std::string profile_of(const char* space) {
  std::string profile(70000, '\0');
  for (size_t i = 0; i < profile.size(); ++i) profile[i] = static_cast<char>(i * i / 7);
  // Its size and its signature, which libspng looks at.
  const std::string size = {0, 1, 0x11, 0x70};
  profile.replace(0, 4, size).replace(16, 4, space).replace(36, 4, "acsp");
  return profile;
}

TEST(RowWriterTest, EveryFormatIsReadBack) {
  const TemporaryFolder folder;
  for (const int64_t channels : {1, 3, 4}) {
    const auto image = slope(20, 30, channels);
    EXPECT_EQ(largest_difference(decode_image(written(folder / "a.png", ImageFormat::png, image), "a"), image), 0);
    const auto webp = decode_image(written(folder / "a.webp", ImageFormat::webp, image, "", 100), "a");
    EXPECT_EQ(largest_difference(to_channels(webp, channels), image), 0);
    if (channels == 4) continue;
    const auto jpeg = decode_image(written(folder / "a.jpg", ImageFormat::jpeg, image), "a");
    EXPECT_LE(largest_difference(jpeg, image), 3) << channels;
  }
  EXPECT_TRUE(image_info(written(folder / "b.webp", ImageFormat::webp, slope(20, 30, 3)), "b").lossy);
}

TEST(RowWriterTest, GreyWithAlphaStaysGrey) {
  const TemporaryFolder folder;
  const auto image = slope(5, 6, 2);
  const auto bytes = written(folder / "a.png", ImageFormat::png, image);
  EXPECT_EQ(image_info(bytes, "a").mode, "grey with alpha");
  const auto back = decode_image(bytes, "a");
  for (size_t i = 0; i < 30; ++i) {
    EXPECT_EQ(back.values[4 * i + 1], image.values[2 * i]);
    EXPECT_EQ(back.values[4 * i + 3], image.values[2 * i + 1]);
  }
}

TEST(RowWriterTest, EveryFormatKeepsTheProfile) {
  const TemporaryFolder folder;
  for (const auto& [format, name] : {std::pair(ImageFormat::png, "a.png"), std::pair(ImageFormat::jpeg, "a.jpg"),
                                     std::pair(ImageFormat::webp, "a.webp")}) {
    const auto colors = profile_of("RGB ");
    EXPECT_TRUE(icc_profile(written(folder / name, format, slope(9, 9, 3), colors), name) == colors) << name;
  }
  const auto grey = profile_of("GRAY");
  EXPECT_TRUE(icc_profile(written(folder / "g.jpg", ImageFormat::jpeg, slope(9, 9, 1), grey), "g") == grey);
  // One of other colours than the picture's says nothing of it.
  EXPECT_EQ(icc_profile(written(folder / "x.jpg", ImageFormat::jpeg, slope(9, 9, 3), profile_of("CMYK")), "x"), "");
}

TEST(RowWriterTest, WhatAFormatDoesNotHaveIsRefused) {
  const TemporaryFolder folder;
  const auto refusal = [&](ImageFormat format, const PictureShape& shape) -> std::string {
    try {
      open_writer(folder / "a", format, shape);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(refusal(ImageFormat::jpeg, {8, 70000, 3}),
              testing::HasSubstr("70000 x 8 pixels, accepted by JPEG: at most 655"));
  EXPECT_THAT(refusal(ImageFormat::webp, {20000, 8, 3}), testing::HasSubstr("at most 16383 on each side"));
  EXPECT_THAT(refusal(ImageFormat::jpeg, {8, 8, 4}), testing::HasSubstr("8 bits without alpha"));
  EXPECT_THAT(refusal(ImageFormat::webp, {8, 8, 3, 16}), testing::HasSubstr("8 bits"));
  EXPECT_EQ(refusal(ImageFormat::png, {8, 70000, 3}), "");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(RowWriterTest, AFullDiskIsAWriteError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  for (const auto format : {ImageFormat::png, ImageFormat::jpeg, ImageFormat::webp}) {
    const auto write = [&] {
      const auto image = slope(300, 300, 3);
      const auto writer = open_writer("/dev/full", format, {300, 300, 3});
      for (int64_t y = 0; y < 300; ++y) writer->write_row(image.row(y));
      writer->finish();
    };
    EXPECT_THROW(write(), WriteError) << format_name(format);
  }
}

}  // namespace
}  // namespace forger
