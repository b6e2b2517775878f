#include "image/rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image/golden_pixels.h"
#include "image/png.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

/// In pieces of one row, then two, then three …
Pixels read_in_pieces(RowReader& rows) {
  Pixels image(rows.height(), rows.width(), rows.channels());
  for (int64_t y = 0, piece = 1; y < image.height; y += piece++) {
    piece = std::min(piece, image.height - y);
    rows.read(image.row(y), piece);
  }
  return image;
}

TEST(RowReaderTest, GivesWhatDecodingTheWholeGives) {
  for (const char* name : {"grey.png", "rgb.png", "rgba.png", "grey_alpha.png", "one_bit.png", "palette.png",
                           "palette_alpha.png", "grey16.png", "rgb16.png", "interlaced.png", "exif_6.png", "rgb.webp",
                           "grey.jpg", "rgb.jpg", "progressive.jpg", "cmyk.jpg", "exif_1.jpg", "exif_6.jpg"}) {
    const auto rows = open_rows(golden_file(name), name);
    EXPECT_EQ(largest_difference(read_in_pieces(*rows), decode_image(golden_file(name), name)), 0) << name;
  }
}

TEST(RowReaderTest, BringsSixteenBitsToEightAsDecodingTheWholeDoes) {
  for (const char* name : {"grey16.png", "rgb16.png"}) {
    const DecodeGoal goal{.levels = {1000, 30000}};
    const auto rows = open_rows(golden_file(name), name, goal);
    const auto whole = decode_image(golden_file(name), name, goal);
    EXPECT_EQ(largest_difference(read_in_pieces(*rows), whole), 0) << name;
    EXPECT_GT(largest_difference(whole, golden_pixels(name)), 0) << name;
  }
}

TEST(RowReaderTest, KeepsSixteenBitsWhereAsked) {
  for (const char* name : {"grey16.png", "rgb16.png", "grey_alpha16.png"}) {
    const auto rows = open_deep_rows(std::make_shared<const std::string>(golden_file(name)), name);
    ASSERT_EQ(rows->value_bytes(), 2) << name;
    std::vector<uint16_t> values(static_cast<size_t>(rows->height() * rows->width() * rows->channels()));
    auto* bytes = reinterpret_cast<uint8_t*>(values.data());
    rows->read(bytes, 1);
    rows->read(bytes + rows->row_bytes(), rows->height() - 1);
    const auto whole = decode_image(golden_file(name), name);
    for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ((values[i] * 255 + 32767) / 65535, whole.values[i]) << name;
  }
  const auto shallow = std::make_shared<const std::string>(golden_file("rgb.png"));
  EXPECT_EQ(open_deep_rows(shallow, "rgb.png")->value_bytes(), 1);
}

TEST(RowReaderTest, AFileThatEndsEarlyIsNamed) {
  for (const char* name : {"rgb.png", "rgb.jpg", "rgb.webp"}) {
    const auto whole = golden_file(name);
    try {
      const auto rows = open_rows(whole.substr(0, whole.size() / 2), name);
      read_in_pieces(*rows);
      FAIL() << name;
    } catch (const ImageError& error) {
      EXPECT_THAT(error.what(), testing::StartsWith(std::string(name) + ": "));
    }
  }
  EXPECT_THROW(open_rows("no image", "x.png"), ImageError);
}

TEST(PngWriterTest, WritesWhatIsReadBack) {
  const TemporaryFolder folder;
  const auto rgba = golden_pixels("rgba.png");
  PngWriter colors(folder / "colors.png", {rgba.height, rgba.width, 4});
  for (int64_t y = 0; y < rgba.height; ++y) colors.write_row(rgba.row(y));
  EXPECT_FALSE(std::filesystem::exists(folder / "colors.png"));
  colors.finish();
  EXPECT_EQ(largest_difference(decode_image(read_file(folder / "colors.png"), "colors"), rgba), 0);

  PngWriter deep(folder / "deep.png", {1, 3, 1, 16});
  const uint16_t levels[] = {0, 257 * 100, 65535};
  deep.write_row(levels);
  deep.finish();
  EXPECT_EQ(image_info(read_file(folder / "deep.png"), "deep").bit_depth, 16);
  EXPECT_THAT(decode_image(read_file(folder / "deep.png"), "deep").values, testing::ElementsAre(0, 100, 255));
}

TEST(PngWriterTest, LeavesNothingWhereItIsNotFinished) {
  const TemporaryFolder folder;
  {
    PngWriter writer(folder / "half.png", {2, 1, 1});
    const uint8_t row[] = {7};
    writer.write_row(row);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_THROW(PngWriter(folder / "no/such/folder.png", {2, 1, 1}), Error);
}

}  // namespace
}  // namespace forger
