#include "data/mvtec.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "data/image_folder.h"
#include "data/inputs.h"
#include "data/open.h"
#include "data/source.h"
#include "forger/error.h"

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

/// How many pixels the mask of an image marks; -1 without one.
int64_t marked(const MvtecMasks& masks, const std::string& image) {
  const auto mask = masks.read(image);
  return mask ? std::count(mask->values.begin(), mask->values.end(), uint8_t{255}) : -1;
}

TEST_F(MvtecTest, FindsMasksOfEitherName) {
  const MvtecMasks masks(folder.path(), {"broken/000.png", "bent/000.png", "good/000.png"});
  EXPECT_EQ(marked(masks, "broken/000.png"), 255);
  EXPECT_EQ(marked(masks, "bent/000.png"), 255);
  EXPECT_EQ(marked(masks, "good/000.png"), -1);
  EXPECT_TRUE(masks.strays().empty());
}

TEST_F(MvtecTest, EndingsAndCapitalsOfMasksDoNotMatter) {
  const auto bytes = read_file(folder / "ground_truth/broken/000_mask.png");
  for (const char* name : {"Broken/001_Mask.PNG", "broken/002.JPG", "broken/a.b_mask.WebP"}) {
    folder.write(std::string("ground_truth/") + name, bytes);  // what it holds tells the format
  }
  const MvtecMasks masks(folder.path(), {"broken/001.jpeg", "broken/002.png", "broken/a.b.png"});
  for (const char* image : {"broken/001.jpeg", "broken/002.png", "broken/a.b.png"})
    EXPECT_EQ(marked(masks, image), 255) << image;
}

TEST_F(MvtecTest, AMaskWithoutItsImageIsNamed) {
  folder.write("ground_truth/broken/notes.txt", "");
  folder.write("ground_truth/broken/009.tif", "");
  const MvtecMasks masks(folder.path(), {"bent/000.png"});
  EXPECT_EQ(masks.strays(), (std::vector<std::filesystem::path>{folder / "ground_truth/broken/000_mask.png",
                                                                folder / "ground_truth/broken/009.tif"}));
}

TEST_F(MvtecTest, AFolderOfMasksIsOneMask) {
  for (const char* name : {"000", "001"}) {
    Pixels part(4, 4, 1);
    part.values[name[2] == '0' ? 3 : 7] = 200;
    folder.write(std::string("ground_truth/logical/05/") + name + ".png", encode_png(to_tensor(part)));
  }
  EXPECT_EQ(marked(MvtecMasks(folder.path(), {"logical/05.png"}), "logical/05.png"), 2);
}

TEST_F(MvtecTest, MasksThatCannotBeReadAreNamed) {
  const auto refusal = [&] {
    try {
      MvtecMasks(folder.path(), {"broken/000.png"}).read("broken/000.png");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  folder.write("ground_truth/broken/000_mask.bmp", "BM");
  EXPECT_THAT(refusal(), testing::AllOf(testing::HasSubstr("one of 2 masks"), testing::HasSubstr("000_mask.png")));
  std::filesystem::remove(folder / "ground_truth/broken/000_mask.png");
  EXPECT_THAT(refusal(), testing::AllOf(testing::HasSubstr("000_mask.bmp"), testing::HasSubstr("accepted: PNG")));
}

TEST(MvtecLayoutTest, OtherFoldersAreNone) {
  const ImageFolder folder;
  folder.write_image("train/000.png", 16, 16, 10);
  EXPECT_FALSE(is_mvtec(folder.path()));
}

}  // namespace
}  // namespace forger
