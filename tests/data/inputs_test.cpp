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
