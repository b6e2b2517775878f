#include "data/open.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/torch.h"
#include "data/describe.h"
#include "data/export.h"
#include "data/image_folder.h"
#include "forger/error.h"
#include "support/zip_file.h"

namespace forger {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

DataOptions options(const std::string& source, double held_out = 0) {
  DataOptions result;
  result.source = source;
  result.held_out = held_out;
  return result;
}

std::string error_of(const DataOptions& data) {
  try {
    open_data(data);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::set<std::string> names(const Dataset& dataset) {
  std::set<std::string> result;
  for (int64_t i = 0; i < dataset.size(); ++i) result.insert(dataset.name(i));
  return result;
}

TEST(FolderTest, IsReadRecursivelyInTheOrderOfPathsWithoutHiddenFiles) {
  const ImageFolder folder;
  for (const char* name : {"b/2.png", "a/deep/1.PNG", "a/0.png", ".hidden.png", ".git/3.png"})
    folder.write_image(name, 20, 20, 1);
  folder.write("a/readme.txt", "x");
  const auto data = open_data(options(folder.string()));
  ASSERT_EQ(data.training->size(), 3);
  EXPECT_EQ(data.training->name(0), "a/0.png");
  EXPECT_EQ(data.training->name(1), "a/deep/1.PNG");
  EXPECT_EQ(data.training->name(2), "b/2.png");
  EXPECT_EQ(data.training->get(0, kFixedDraw).label, -1);
  EXPECT_EQ(data.classes, 0);
}

TEST(FolderTest, WhatSystemsMakeIsPassedOverAndSaid) {
  const ImageFolder folder;
  for (const char* name : {"a/0.png", "b/1.png", "@eaDir/2.png", "a/__MACOSX/3.png", "lost+found/4.png", "a/._0.png"}) {
    folder.write_image(name, 20, 20, 1);
  }
  folder.write("b/thumbs.DB", "x");
  auto data = options(folder.string());
  data.labels = true;
  const auto opened = open_data(data);
  EXPECT_EQ(opened.training->size(), 2);
  EXPECT_EQ(opened.classes, 2);
  EXPECT_THAT(opened.notices,
              ElementsAre("passed over: 1 @eaDir, 1 __MACOSX, 1 hidden, 1 lost+found, 1 thumbs.DB (no images by "
                          "name, or no data)"));
}

TEST(FolderTest, OfArchivesIsReadForThemUnlessItHoldsImages) {
  const ImageFolder folder;
  folder.write_image("img.png", 20, 20, 1);
  const std::string png = read_file(folder / "img.png");
  folder.write("set/a.Zip", zip_file({{"0.png", png}, {"1.png", png}}));
  folder.write("set/notes/readme.txt", "x");
  EXPECT_EQ(open_data(options((folder / "set").string())).training->size(), 2);
  folder.write("set/notes/photo.png", png);
  const auto opened = open_data(options((folder / "set").string()));
  EXPECT_EQ(opened.training->size(), 1);
  EXPECT_THAT(opened.notices, ElementsAre(HasSubstr("1 .Zip")));
}

TEST(SourceTest, IsNamedFromEverywhere) {
  EXPECT_EQ(source_from("/a", "b/c"), "/a/b/c");
  EXPECT_EQ(source_from("/a", "/b"), "/b");
  EXPECT_EQ(source_from("/a", "synthetic:ring8"), "synthetic:ring8");
  EXPECT_EQ(source_from("/a", "x-{0..2}.tar"), "/a/x-{0..2}.tar");
  EXPECT_EQ(source_from("/a", "x.tar, /b/y.tar"), "/a/x.tar,/b/y.tar");
}

TEST(FolderTest, LinksInCirclesEnd) {
  const ImageFolder folder;
  folder.write_image("a/0.png", 20, 20, 1);
  std::filesystem::create_directory_symlink(folder.string(), folder / "a/up");
  EXPECT_EQ(open_data(options(folder.string())).training->size(), 1);
}

TEST(FolderTest, FirstLevelFoldersAreClassesWhenAskedFor) {
  const ImageFolder folder;
  for (const char* name : {"cat/0.png", "ant/deep/1.png", "bee/2.png"}) folder.write_image(name, 20, 20, 1);
  auto data = options(folder.string());
  data.labels = true;
  auto opened = open_data(data);
  EXPECT_EQ(opened.classes, 3);
  EXPECT_EQ(opened.training->class_names(), (std::vector<std::string>{"ant", "bee", "cat"}));
  EXPECT_EQ(opened.training->get(2, kFixedDraw).label, 2);
  data.classes = {2, 0};
  opened = open_data(data);
  EXPECT_EQ(opened.classes, 2);
  EXPECT_EQ(opened.training->class_names(), (std::vector<std::string>{"cat", "ant"}));
  EXPECT_EQ(names(*opened.training), (std::set<std::string>{"ant/deep/1.png", "cat/0.png"}));
  EXPECT_EQ(opened.training->get(0, kFixedDraw).label, 1);
  data.classes = {3};
  EXPECT_THAT(error_of(data), HasSubstr("data.classes: received 3, accepted: 0 to 2"));
  folder.write_image("loose.png", 20, 20, 1);
  data.classes = {};
  EXPECT_THAT(error_of(data), HasSubstr("has no classes"));
}

TEST(ShapeTest, OwnSizeWhenAllAgreeElse64) {
  const ImageFolder folder;
  folder.write_image("0.png", 20, 30, 1);
  folder.write_image("1.png", 20, 30, 1);
  EXPECT_EQ(open_data(options(folder.string())).shape, (ImageShape{3, 20, 30}));
  folder.write_image("2.png", 21, 30, 1);
  EXPECT_EQ(open_data(options(folder.string())).shape, (ImageShape{3, 64, 64}));
  auto data = options(folder.string());
  data.size = {16, 24};
  data.channels = 1;
  const auto opened = open_data(data);
  EXPECT_EQ(opened.shape, (ImageShape{1, 16, 24}));
  EXPECT_EQ(opened.training->get(2, kFixedDraw).image.sizes(), (std::vector<int64_t>{1, 16, 24}));
}

TEST(ShapeTest, ImagesTooSmallOrTooLargeForNetworksComeTo64) {
  const ImageFolder folder;
  folder.write_image("0.png", 1, 1, 1);
  EXPECT_EQ(open_data(options(folder.string())).shape, (ImageShape{3, 64, 64}));
}

TEST(ShapeTest, ASizeThatIsNotTheImagesOwnIsSaid) {
  const ImageFolder folder;
  const auto notices = [&](const DataOptions& data) { return open_data(data).notices; };
  folder.write_image("small/0.png", 7, 13, 1);
  EXPECT_THAT(
      notices(options((folder / "small").string())),
      ElementsAre("the images are 7x13 (height x width), smaller than 16 pixels a side: they are brought to 64x64; "
                  "data.size=[8,16] is near their own size, and data.fit says how"));
  folder.write_image("large/0.png", 20, 300, 1);
  EXPECT_THAT(notices(options((folder / "large").string())), ElementsAre(HasSubstr("larger than 256 pixels a side")));
  folder.write_image("fitting/0.png", 20, 30, 1);
  EXPECT_THAT(notices(options((folder / "fitting").string())), IsEmpty());
  EXPECT_THAT(notices(options(folder.string())), ElementsAre(HasSubstr("several sizes: they are brought to 64x64")));
  auto data = options(folder.string());
  data.size = {16, 16};
  EXPECT_THAT(notices(data), IsEmpty());
}

TEST(ShapeTest, ChannelsAreWhatTheImagesHave) {
  const ImageFolder folder;
  folder.write_image("grey/0.png", 20, 20, 1, 1);
  folder.write_image("alpha/0.png", 20, 20, 1, 4);
  EXPECT_EQ(open_data(options((folder / "grey").string())).shape.channels, 1);
  EXPECT_EQ(open_data(options((folder / "alpha").string())).shape.channels, 4);
  EXPECT_EQ(open_data(options(folder.string())).shape.channels, 3);
}

TEST(ShapeTest, AlphaThatSaysNothingIsLeftAway) {
  const ImageFolder folder;
  Pixels opaque(20, 20, 4);
  std::fill(opaque.values.begin(), opaque.values.end(), uint8_t{255});
  folder.write("0.png", encode_png(to_tensor(opaque)));
  EXPECT_EQ(open_data(options(folder.string())).shape.channels, 3);
}

TEST(HeldOutTest, IsATenthFixedByTheDataAndApartFromTraining) {
  auto data = options("synthetic:shapes", 0.1);
  const auto first = open_data(data), second = open_data(data);
  EXPECT_NEAR(static_cast<double>(first.held_out->size()), 5'000, 270);  // four deviations of a binomial
  EXPECT_EQ(names(*first.held_out), names(*second.held_out));
  std::set<std::string> all = names(*first.training);
  all.merge(names(*first.held_out));
  EXPECT_EQ(all.size(), 50'000U);
}

TEST(HeldOutTest, IsAtMostTenThousandAndMayBeNothing) {
  const auto half = open_data(options("synthetic:ring8", 0.5));
  EXPECT_EQ(half.held_out_share, 0.125) << "of 50,000; a quarter would be 12,500";
  EXPECT_NEAR(static_cast<double>(half.held_out->size()), 6'250, 300);
  EXPECT_EQ(open_data(options("synthetic:ring8", 0)).held_out->size(), 0);
  EXPECT_THAT(error_of(options("synthetic:ring8", 1)), HasSubstr("data.held_out: received 1, accepted: 0 to below 1"));
}

/// Names of the images of a folder that are held out.
std::set<std::string> held_out_of(const ImageFolder& folder, double share) {
  return names(*open_data(options(folder.string(), share)).held_out);
}

TEST(HeldOutTest, AnImageKeepsItsSideWhateverComesOrGoes) {
  const ImageFolder folder;
  const auto name = [](int i) { return fmt::format("{:03}.png", i); };
  for (int i = 0; i < 200; ++i) folder.write_image(name(i), 16, 16, 1);
  const auto before = held_out_of(folder, 0.1);
  for (int i = 0; i < 200; i += 20) std::filesystem::remove(folder.path() / name(i));
  for (int i = 500; i < 530; ++i) folder.write_image(name(i), 16, 16, 1);
  const auto after = held_out_of(folder, 0.1);
  for (int i = 0; i < 200; ++i) {
    if (i % 20 == 0) continue;
    EXPECT_EQ(after.contains(name(i)), before.contains(name(i))) << i;
  }
  const auto more = held_out_of(folder, 0.3);
  EXPECT_TRUE(std::includes(more.begin(), more.end(), after.begin(), after.end()))
      << "a larger share holds out these and others";
}

/// The grey levels, one an image, that are held out of a set whose images have one each.
std::set<int64_t> levels_held_out_of(const std::string& source) {
  const auto data = open_data(options(source, 0.2));
  std::set<int64_t> levels;
  for (int64_t i = 0; i < data.held_out->size(); ++i)
    levels.insert(data.held_out->get(i, kFixedDraw).image[0][5][5].item<int64_t>());
  return levels;
}

TEST(HeldOutTest, WhereNamesOnlyCountTheBytesDecide) {
  const ImageFolder folder;
  const auto write = [&](const std::string& images, const std::string& idx, int from) {
    std::string values = {0, 0, 8, 3, 0, 0, 0, static_cast<char>(200 - from), 0, 0, 0, 16, 0, 0, 0, 16};
    for (int level = from; level < 200; ++level) {
      folder.write_image(fmt::format("{}/{:03}.png", images, level), 16, 16, static_cast<uint8_t>(level), 1);
      values += std::string(256, static_cast<char>(level));
    }
    folder.write(idx, values);
    pack_shards(*open_source(options((folder / images).string())), (folder / (images + ".tar")).string(), 1 << 20);
  };
  write("all", "all-idx3-ubyte", 0);
  write("fewer", "fewer-idx3-ubyte", 10);
  for (const char* name : {".tar", "-idx3-ubyte"}) {
    auto all = levels_held_out_of((folder / ("all" + std::string(name))).string());
    std::erase_if(all, [](int64_t level) { return level < 10; });
    EXPECT_EQ(all, levels_held_out_of((folder / ("fewer" + std::string(name))).string())) << name;
    EXPECT_GT(all.size(), 20U) << name;
  }
}

TEST(HeldOutTest, AFewImagesAreHeldOutOfTheSmallestSets) {
  const ImageFolder folder;
  for (int i = 0; i < 20; ++i) {
    folder.write_image(fmt::format("{:02}.png", i), 16, 16, 1);
    const auto count = static_cast<int64_t>(held_out_of(folder, 0.1).size());
    EXPECT_LE(count, i) << "all of " << i + 1;
    EXPECT_GE(count, i < 19 ? 0 : 2);
  }
}

TEST(HeldOutTest, LeavesAtLeastOneImageForTraining) {
  const ImageFolder folder;
  folder.write_image("0.png", 20, 20, 1);
  EXPECT_EQ(open_data(options(folder.string(), 0.9)).training->size(), 1);
}

TEST(SourceTest, WhatIsNoDataSetIsNamed) {
  const ImageFolder folder;
  EXPECT_THAT(error_of(options("")), HasSubstr("received nothing"));
  EXPECT_THAT(error_of(options(folder.string())), HasSubstr("it is empty"));
  EXPECT_THAT(error_of(options((folder / "x").string())), HasSubstr("does not exist"));
  EXPECT_THAT(error_of(options((folder / "{0..3}.tar").string())), HasSubstr("first missing one of the 4 files"));
  EXPECT_THAT(error_of(options("synthetic:shape")), HasSubstr("did you mean \"shapes\""));
  folder.write("only/x.bmp", "BM");
  EXPECT_THAT(error_of(options((folder / "only").string())), HasSubstr("1 .bmp"));
  folder.write_image("one.png", 20, 20, 1);
  EXPECT_THAT(error_of(options((folder / "one.png").string())), HasSubstr("is a single file"));
  folder.write("empty.tar", "");
  EXPECT_THAT(error_of(options((folder / "empty.tar").string())), HasSubstr("no images"));
  folder.write("bad/0.png", "");
  EXPECT_THAT(error_of(options((folder / "bad").string())), HasSubstr("none of 1 images"));
  auto data = options("synthetic:shapes");
  data.size = {0, 16};
  EXPECT_THAT(error_of(data), HasSubstr("data.size: received [0, 16]"));
  data.size = {};
  data.channels = 2;
  EXPECT_THAT(error_of(data), HasSubstr("data.channels: received 2"));
}

TEST(SyntheticTest, Ring8LiesOnTheUnitCircle) {
  const auto data = open_data(options("synthetic:ring8"));
  EXPECT_EQ(data.shape, (ImageShape{2, 1, 1}));
  double sum = 0;
  for (int64_t i = 0; i < 4000; ++i) {
    const Item item = data.training->get(i, kFixedDraw);
    ASSERT_EQ(item.image.scalar_type(), at::kFloat);
    const double radius = item.image.norm().item<double>();
    sum += (radius - 1) * (radius - 1);
  }
  EXPECT_NEAR(std::sqrt(sum / 4000), 0.01, 0.001);  // four standard errors
}

TEST(SyntheticTest, Grid25HasItsModesInOrder) {
  auto data = options("synthetic:grid25");
  data.labels = true;
  const auto opened = open_data(data);
  EXPECT_EQ(opened.classes, 25);
  for (int64_t i = 0; i < 100; ++i) {
    const Item item = opened.training->get(i, kFixedDraw);
    EXPECT_NEAR(item.image[0].item<float>(), 2 * static_cast<float>(item.label % 5) - 4, 0.3);
    EXPECT_NEAR(item.image[1].item<float>(), 2 * static_cast<float>(item.label / 5) - 4, 0.3);
  }
}

TEST(SyntheticTest, ShapesTakeSizeAndChannelsAndAreTheSameEachTime) {
  auto data = options("synthetic:shapes");
  EXPECT_EQ(open_data(data).shape, (ImageShape{3, 32, 32}));
  data.size = {24, 40};
  data.channels = 4;
  const auto first = open_data(data), second = open_data(data);
  EXPECT_EQ(first.shape, (ImageShape{4, 24, 40}));
  for (int64_t i = 0; i < 32; ++i)
    EXPECT_TRUE(at::equal(first.training->get(i, kFixedDraw).image, second.training->get(i, kFixedDraw).image));
  EXPECT_FALSE(at::equal(first.training->get(0, kFixedDraw).image, first.training->get(16, kFixedDraw).image));
}

TEST(DescribeTest, TellsKindCountAndClasses) {
  const ImageFolder folder;
  for (const char* name : {"cat/0.png", "cat/1.png", "ant/0.png"}) folder.write_image(name, 20, 20, 1);
  const DataDescription data = describe_data(options(folder.string()));
  EXPECT_EQ(data.kind, "folder");
  EXPECT_EQ(data.count, 3);
  EXPECT_EQ(data.class_names, (std::vector<std::string>{"ant", "cat"}));
  EXPECT_EQ(data.class_counts, (std::vector<int64_t>{1, 2}));
}

}  // namespace
}  // namespace forger
