#include "image/row_resizer.h"

#include <gtest/gtest.h>

#include "image/golden_pixels.h"
#include "image/resize.h"

namespace forger {
namespace {

TEST(RowResizerTest, GivesPillowsBicubicWithoutItsRounding) {
  const auto image = golden_pixels("noise_1");
  for (const auto& [height, width] :
       {std::pair<int64_t, int64_t>(20, 80), {3, 5}, {100, 7}, {image.height, image.width}}) {
    const auto expected = resize(image, height, width);
    std::vector<float> made;
    const auto keep = [&, width = width](const float* row) {
      made.insert(made.end(), row, row + width * image.channels);
    };
    RowResizer resizer(image.height, image.width, height, width, image.channels, keep);
    for (int64_t y = 0; y < image.height; ++y) {
      const std::vector<float> row(image.row(y), image.row(y) + image.width * image.channels);
      resizer.put(row.data());
    }
    ASSERT_EQ(made.size(), expected.values.size());
    for (size_t i = 0; i < made.size(); ++i) {
      // Beyond the levels, where Pillow clips between its passes, the two may differ.
      if (made[i] > 4 && made[i] < 251) {
        EXPECT_NEAR(made[i], expected.values[i], 3.5) << height << " " << i;
      }
    }
  }
}

}  // namespace
}  // namespace forger
