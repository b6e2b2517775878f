#include "data/level_counts.h"

#include <gtest/gtest.h>

namespace forger {
namespace {

TEST(LevelCountsTest, CountsWhatEightBitsKeep) {
  LevelCounts counts;
  std::vector<uint16_t> values;
  for (uint16_t value = 0; value < 4096; ++value) values.push_back(value);  // each of 12 bits once
  counts.add(values);
  EXPECT_EQ(counts.used(), (Levels{0, 4095}));
  EXPECT_EQ(counts.different(), 4096);
  // 4095 * 255 / 65535 is 15.93, so that the levels are 0 to 16.
  EXPECT_EQ(counts.kept({}), 17);
  EXPECT_EQ(counts.kept({0, 4095}), 256);
  EXPECT_EQ(counts.values_beyond({0, 4000}), 95);
}

TEST(LevelCountsTest, LeavesOutAShareOfAllValuesAtEitherEnd) {
  LevelCounts counts;
  std::vector<uint16_t> values(9980, 500);
  values.insert(values.end(), 10, 3);
  values.insert(values.end(), 9, 60000);
  values.push_back(700);
  counts.add(values);
  EXPECT_EQ(counts.used(), (Levels{3, 60000}));
  EXPECT_EQ(counts.used_without(0.001), (Levels{500, 500}));  // ten values at either end
  EXPECT_EQ(counts.used_without(0.0009), (Levels{3, 700}));   // nine
}

TEST(LevelCountsTest, CountsImagesWithValuesBeyond) {
  LevelCounts counts;
  counts.add({10, 20, 30});
  counts.add({10, 5000});
  counts.add({2, 30});
  EXPECT_EQ(counts.images(), 3);
  EXPECT_EQ(counts.values(), 7);
  EXPECT_EQ(counts.images_beyond({10, 4095}), 2);
  EXPECT_EQ(counts.values_beyond({10, 4095}), 2);
  EXPECT_EQ(counts.images_beyond({}), 0);
}

}  // namespace
}  // namespace forger
