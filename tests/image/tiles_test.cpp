#include "image/tiles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace forger {
namespace {

using testing::ElementsAre;

TEST(TilesTest, OverlapByHalfAndTheLastIsFlushWithTheEnd) {
  EXPECT_THAT(tile_starts(64, 32), ElementsAre(0, 16, 32));
  EXPECT_THAT(tile_starts(70, 32), ElementsAre(0, 16, 32, 38));
  EXPECT_THAT(tile_starts(32, 32), ElementsAre(0));
  EXPECT_THAT(tile_starts(33, 32), ElementsAre(0, 1));
}

TEST(TilesTest, ThereAreNoneWhereTheTileIsLonger) { EXPECT_THAT(tile_starts(31, 32), ElementsAre()); }

TEST(TilesTest, CutTakesThePart) {
  Pixels image(3, 4, 3);
  for (size_t i = 0; i < image.values.size(); ++i) image.values[i] = static_cast<uint8_t>(i);
  const auto part = cut(image, 1, 2, 2, 2);
  EXPECT_EQ(part.height, 2);
  EXPECT_EQ(part.width, 2);
  // Pixel (y, x) holds 12 y + 3 x and the two numbers after it.
  EXPECT_THAT(part.values, ElementsAre(18, 19, 20, 21, 22, 23, 30, 31, 32, 33, 34, 35));
}

}  // namespace
}  // namespace forger
