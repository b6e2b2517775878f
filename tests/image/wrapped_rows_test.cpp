#include "image/wrapped_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image/golden_pixels.h"
#include "image/over_white.h"

namespace forger {
namespace {

Pixels numbered(int64_t height, int64_t width) {
  Pixels image(height, width, 1);
  for (size_t i = 0; i < image.values.size(); ++i) image.values[i] = static_cast<uint8_t>(i * 7 + 1);
  return image;
}

Pixels all_of(RowReader& rows) {
  Pixels image(rows.height(), rows.width(), rows.channels());
  rows.read(image.values.data(), 1);
  rows.read(image.row(1), image.height - 1);
  return image;
}

TEST(WrappedRowsTest, GoOnWithTheOppositeSide) {
  for (const auto& [height, width] : {std::pair<int64_t, int64_t>{5, 4}, {2, 9}, {1, 1}}) {
    for (const int64_t margin : {0, 1, 3, 7}) {
      const auto image = numbered(height, width);
      const auto wide = all_of(*wrapped_rows([&] { return rows_of(image, "image"); }, margin, "image"));
      ASSERT_EQ(wide.height, height + 2 * margin);
      ASSERT_EQ(wide.width, width + 2 * margin);
      for (int64_t y = 0; y < wide.height; ++y) {
        for (int64_t x = 0; x < wide.width; ++x) {
          const int64_t row = (y - margin + 10 * height) % height, column = (x - margin + 10 * width) % width;
          ASSERT_EQ(wide.row(y)[x], image.row(row)[column]) << height << " " << margin << " " << y << " " << x;
        }
      }
    }
  }
}

TEST(WrappedRowsTest, ADamagedFileIsNamedOnce) {
  const auto whole = golden_file("rgb.png");
  const auto half = std::make_shared<const std::string>(whole.substr(0, whole.size() / 2));
  try {
    all_of(*wrapped_rows([&] { return open_deep_rows(half, "a.png"); }, 2, "a.png"));
    FAIL();
  } catch (const ImageError& error) {
    EXPECT_THAT(error.what(), testing::AllOf(testing::StartsWith("a.png: damaged"),
                                             testing::Not(testing::HasSubstr("a.png: a.png"))));
  }
}

TEST(RowsOverWhiteTest, AreWhatDecodingWithoutAlphaGives) {
  const auto image = golden_pixels("rgba.png");
  const auto laid = all_of(*over_white(rows_of(image, "rgba"), "rgba"));
  EXPECT_LE(largest_difference(laid, to_channels(image, 3)), 1);
}

}  // namespace
}  // namespace forger
