#include "image/float_image.h"

#include <gtest/gtest.h>

#include "support/golden_json.h"

namespace forger {
namespace {

FloatImage grey_of(const nlohmann::json& rows) {
  FloatImage image(static_cast<int64_t>(rows.size()), static_cast<int64_t>(rows[0].size()), 1);
  size_t i = 0;
  for (const auto& row : rows) {
    for (const auto& value : row) image.values[i++] = value;
  }
  return image;
}

TEST(FloatImageTest, ResizeEqualsItsDefinition) {
  const auto golden = read_golden("image/golden/imresize.json");
  const auto image = grey_of(golden["image"]);
  ASSERT_EQ(golden["cases"].size(), 10u);
  for (const auto& expected : golden["cases"]) {
    const auto kernel = expected["kernel"] == "cubic" ? Kernel::cubic : Kernel::linear;
    const auto result = resized(image, expected["height"], expected["width"], kernel);
    const auto wanted = grey_of(expected["result"]);
    ASSERT_EQ(result.values.size(), wanted.values.size());
    for (size_t i = 0; i < wanted.values.size(); ++i)
      EXPECT_NEAR(result.values[i], wanted.values[i], 2e-6) << expected["kernel"] << " " << expected["height"];
  }
}

TEST(FloatImageTest, AnAreaBecomesItsMean) {
  FloatImage image(4, 4, 2);
  for (size_t i = 0; i < image.values.size(); ++i) image.values[i] = static_cast<float>(i);
  const auto result = resized(image, 2, 2, Kernel::box);
  // Rows of 8 numbers, of two channels: (0 + 2 + 8 + 10) / 4 and so on.
  EXPECT_EQ(result.values, (std::vector<float>{5, 6, 9, 10, 21, 22, 25, 26}));
}

TEST(FloatImageTest, AKernelIsLaidOverEachPixelAndBordersAreMirrored) {
  FloatImage image(1, 3, 1);
  image.values = {1, 2, 4};
  std::vector<float> kernel(9, 0);
  kernel[3] = 10;  // the left neighbour
  kernel[5] = 1;   // the right one
  EXPECT_EQ(filtered(image, kernel).values, (std::vector<float>{12, 14, 24}));
}

TEST(FloatImageTest, BytesComeBackAndWhatIsBeyondIsClipped) {
  Pixels pixels(1, 256, 1);
  for (size_t i = 0; i < 256; ++i) pixels.values[i] = static_cast<uint8_t>(i);
  EXPECT_EQ(to_pixels(to_float(pixels)).values, pixels.values);
  FloatImage image(1, 2, 1);
  image.values = {-0.5F, 1.5F};
  EXPECT_EQ(to_pixels(image).values, (std::vector<uint8_t>{0, 255}));
}

}  // namespace
}  // namespace forger
