#include "core/plural.h"

#include <gtest/gtest.h>

namespace forger {
namespace {

TEST(PluralTest, OneIsOne) {
  EXPECT_EQ(counted(1, "image"), "1 image");
  EXPECT_EQ(counted(0, "image"), "0 images");
  EXPECT_EQ(counted(2, "training image"), "2 training images");
  EXPECT_EQ(counted_are(1, "image"), "1 image is");
  EXPECT_EQ(counted_are(3, "image"), "3 images are");
}

}  // namespace
}  // namespace forger
