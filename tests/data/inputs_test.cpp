#include "data/inputs.h"

#include <gtest/gtest.h>

#include "data/image_folder.h"
#include "forger/error.h"

namespace forger {
namespace {

TEST(InputsTest, FilesAndSetsComeInTheOrderInWhichTheyWereNamed) {
  const ImageFolder folder;
  folder.write_image("set/b.png", 16, 16, 10);
  folder.write_image("set/a.png", 16, 24, 20, 1);
  folder.write_image("one.png", 8, 9, 30);
  const Inputs inputs({(folder / "one.png").string(), (folder / "set").string()});
  ASSERT_EQ(inputs.size(), 3);
  EXPECT_EQ(inputs.name(0), (folder / "one.png").string());
  EXPECT_EQ(inputs.name(1), (folder / "set/a.png").string());
  const auto image = inputs.read(1);
  EXPECT_EQ(image.height, 16);
  EXPECT_EQ(image.width, 24);
  EXPECT_EQ(image.channels, 1);
}

TEST(InputsTest, BringsSixteenBitsToEightAndCountsWhatIsClipped) {
  const ImageFolder folder;
  folder.write_deep("set/a.png", 1, 4, {0, 800, 4000, 4000});
  folder.write_deep("set/b.png", 1, 4, {0, 800, 4000, 9000});
  folder.write_image("set/c.png", 8, 8, 30);
  folder.write_deep("one.png", 1, 4, {1, 0, 0, 65535});
  const Inputs inputs({(folder / "set").string(), (folder / "one.png").string()}, {0, 4000});
  EXPECT_EQ(inputs.read(0).values, (std::vector<uint8_t>{0, 51, 255, 255}));
  EXPECT_EQ(inputs.deep(), 1);
  EXPECT_EQ(inputs.clipped(), 0);
  for (const int64_t item : {1, 3}) {
    const auto rows = inputs.open(item);
    std::vector<uint8_t> row(4);
    rows->read(row.data(), 1);
    EXPECT_EQ(row, inputs.read(item).values);
    EXPECT_EQ(row[3], 255);
  }
  inputs.open(2);
  EXPECT_EQ(inputs.deep(), 5);
  EXPECT_EQ(inputs.clipped(), 4);
}

TEST(InputsTest, RefusesWhatIsMissing) { EXPECT_THROW(Inputs({"/no/such.png"}), Error); }

TEST(InputsTest, AnotherSizeIsRefusedUnlessResizingIsAskedFor) {
  const ImageShape shape{3, 16, 16};
  EXPECT_THROW(to_model_shape(Pixels(20, 30, 3), shape, "x.png", ""), Error);
  for (const char* how : {"crop", "pad", "stretch"}) {
    const auto image = to_model_shape(Pixels(20, 30, 1), shape, "x.png", how);
    EXPECT_EQ(image.height, 16);
    EXPECT_EQ(image.channels, 3);
  }
}

}  // namespace
}  // namespace forger
