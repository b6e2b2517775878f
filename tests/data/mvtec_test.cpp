#include "data/mvtec.h"

#include <gtest/gtest.h>

#include "data/image_folder.h"
#include "data/inputs.h"
#include "data/open.h"
#include "data/source.h"

namespace forger {
namespace {

class MvtecTest : public testing::Test {
 protected:
  ImageFolder folder;

  void SetUp() override {
    folder.write_image("train/good/000.png", 16, 16, 10);
    folder.write_image("train/good/001.png", 16, 16, 20);
    folder.write_image("test/good/000.png", 16, 16, 30);
    folder.write_image("test/broken/000.png", 16, 16, 40);
    folder.write_image("test/bent/000.png", 16, 16, 50);
    folder.write_image("ground_truth/broken/000_mask.png", 16, 16, 255, 1);
    folder.write_image("ground_truth/bent/000.png", 16, 16, 255, 1);
  }
};

TEST_F(MvtecTest, TrainsOnTheGoodOnesAlone) {
  DataOptions options;
  options.source = folder.string();
  EXPECT_EQ(open_source(options)->size(), 2);
}

TEST_F(MvtecTest, HoldsOutWhatTheDataSetsAside) {
  DataOptions options;
  options.source = folder.string();
  options.held_out = 0.5;
  EXPECT_EQ(open_data(options).held_out->size(), 1);  // of two
  for (int i = 0; i < 3; ++i) folder.write_image("validation/good/" + std::to_string(i) + ".png", 16, 16, 60);
  const OpenedData data = open_data(options);
  EXPECT_EQ(data.training->size(), 2);
  ASSERT_EQ(data.held_out->size(), 3);
  EXPECT_EQ(data.held_out->name(0), "0.png");
  options.held_out = 0;
  EXPECT_EQ(open_data(options).held_out->size(), 0);
}

TEST_F(MvtecTest, LooksAtTheTest) {
  const Inputs inputs({folder.string()});
  ASSERT_EQ(inputs.size(), 3);
  EXPECT_EQ(inputs.name(0), (folder / "test/bent/000.png").string());
}

TEST_F(MvtecTest, FindsMasksOfEitherName) {
  EXPECT_EQ(mvtec_mask(folder.path(), "broken/000.png"), folder / "ground_truth/broken/000_mask.png");
  EXPECT_EQ(mvtec_mask(folder.path(), "bent/000.png"), folder / "ground_truth/bent/000.png");
  EXPECT_TRUE(mvtec_mask(folder.path(), "good/000.png").empty());
}

TEST(MvtecLayoutTest, OtherFoldersAreNone) {
  const ImageFolder folder;
  folder.write_image("train/000.png", 16, 16, 10);
  EXPECT_FALSE(is_mvtec(folder.path()));
}

}  // namespace
}  // namespace forger
