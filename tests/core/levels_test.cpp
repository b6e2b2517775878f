#include "core/levels.h"

#include <gtest/gtest.h>

#include <cmath>

namespace forger {
namespace {

TEST(LevelsTest, LowBecomesZeroAndHigh255AndWhatIsBetweenIsRounded) {
  for (const auto& [low, high] : {std::pair<int64_t, int64_t>{0, 65535}, {0, 4095}, {300, 301}, {1000, 40000}}) {
    const Levels levels{low, high};
    EXPECT_EQ(levels.of(low), 0);
    EXPECT_EQ(levels.of(high), 255);
    for (int64_t value = low; value <= high; value += 1 + (high - low) / 997) {
      const double exact = 255.0 * static_cast<double>(value - low) / static_cast<double>(high - low);
      EXPECT_LE(std::abs(levels.of(value) - exact), 0.5) << low << " " << high << " " << value;
    }
  }
}

TEST(LevelsTest, WhatIsBeyondIsClipped) {
  const Levels levels{100, 4095};
  EXPECT_EQ(levels.of(0), 0);
  EXPECT_EQ(levels.of(65535), 255);
  EXPECT_FALSE(levels.holds(99));
  EXPECT_TRUE(levels.holds(100));
  EXPECT_TRUE(levels.holds(4095));
  EXPECT_FALSE(levels.holds(4096));
}

TEST(LevelsTest, TextIsReadBack) {
  EXPECT_EQ(levels_text({0, 4095}), "[0, 4095]");
  EXPECT_EQ(levels_in("[0, 4095]"), (Levels{0, 4095}));
  EXPECT_EQ(levels_in("[12,13]"), (Levels{12, 13}));
  for (const char* wrong :
       {"", "keep", "[]", "[1]", "[5, 5]", "[6, 5]", "[-1, 5]", "[0, 65536]", "[0, 1, 2]", "[0, x]", "0, 5"}) {
    EXPECT_FALSE(levels_in(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace forger
