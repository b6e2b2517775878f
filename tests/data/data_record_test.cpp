#include "data/data_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/image_folder.h"
#include "data/open.h"
#include "forger/error.h"

namespace forger {
namespace {

using ::testing::HasSubstr;

DataRecord record(const ImageFolder& folder, double held_out = 0.1) {
  DataOptions options;
  options.source = folder.string();
  return record_of(*open_source(options), held_out);
}

TEST(DataRecordTest, TellsWhatChanged) {
  const ImageFolder folder;
  for (const char* name : {"a.png", "b.png", "c.png"}) folder.write_image(name, 16, 16, 1);
  const auto first = record(folder);
  EXPECT_EQ(change_between(first, record(folder)).what, "");

  folder.write_image("d.png", 16, 16, 1);
  EXPECT_EQ(change_between(first, record(folder)).what, "4 images, not 3");
  EXPECT_FALSE(change_between(first, record(folder)).mixes) << "those that stayed keep their sides";

  std::filesystem::remove(folder / "a.png");
  EXPECT_THAT(change_between(first, record(folder)).what, HasSubstr("3 images as before, but others"));

  const auto second = record(folder);
  folder.write_image("b.png", 64, 64, 1);
  EXPECT_EQ(change_between(second, record(folder)).what, "the same names, but files of other sizes");
}

TEST(DataRecordTest, ALargerShareHeldOutMixesAndASmallerOneDoesNot) {
  const ImageFolder folder;
  folder.write_image("a.png", 16, 16, 1);
  const auto more = change_between(record(folder, 0.1), record(folder, 0.2));
  EXPECT_EQ(more.what, "a share of 0.2 held out, not 0.1");
  EXPECT_TRUE(more.mixes);
  EXPECT_FALSE(change_between(record(folder, 0.2), record(folder, 0.1)).mixes);
}

TEST(DataRecordTest, OtherClassesOfTheSameImagesAreAChange) {
  const ImageFolder folder;
  folder.write_image("a/1.png", 16, 16, 1);
  folder.write_image("b/1.png", 16, 16, 1);
  const auto then = record(folder);
  auto now = then;
  EXPECT_NE(now.classes, "");
  now.classes = "1";
  EXPECT_EQ(change_between(then, now).what, "the same images, but of other classes");
  now.classes = "";
  EXPECT_EQ(change_between(then, now).what, "") << "an older version wrote it";
}

TEST(DataRecordTest, ImagesBesideTheDataAreHeldAgainstThoseOfBefore) {
  const ImageFolder folder, small;
  for (const char* name : {"a.png", "b.png"}) {
    folder.write_image(name, 32, 32, 1);
    small.write_image(name, 16, 16, 1);
  }
  Config config;
  config.game = "super-resolution";
  config.data.source = folder.string();
  config.data.size = {32, 32};
  config.upscaler.scale = 2;
  config.degradation.low = small.string();
  const auto then = record_of(open_data(config));
  EXPECT_NE(then.sources, "");
  small.write_image("b.png", 16, 16, 200, 1);
  const auto change = change_between(then, record_of(open_data(config)));
  EXPECT_EQ(change.what, "other images to make them from, or files of other sizes");
  EXPECT_FALSE(change.mixes);
  config.degradation.low = "";
  EXPECT_EQ(change_between(then, record_of(open_data(config))).what, "");
  auto other = then;
  other.set_aside = "1";
  auto first = then;
  first.set_aside = "2";
  EXPECT_TRUE(change_between(first, other).mixes) << "what is set aside now may have been trained on";
}

TEST(DataRecordTest, OtherClassesThatAreChosenAreAChange) {
  const ImageFolder folder;
  for (const char* name : {"a", "b", "c"}) {
    for (const char* image : {"1.png", "2.png", "3.png"})
      folder.write_image(std::string(name) + "/" + image, 16, 16, 1);
  }
  constexpr const char* kOthers = "others of the same images, as other classes or sides were chosen";
  Config config;
  config.data.source = folder.string();
  config.data.classes = {0};
  const auto of_first = record_of(open_data(config));
  EXPECT_EQ(change_between(of_first, record_of(open_data(config))).what, "");
  config.data.classes = {1};
  EXPECT_EQ(change_between(of_first, record_of(open_data(config))).what, kOthers);
  EXPECT_FALSE(change_between(of_first, record_of(open_data(config))).mixes) << "each image keeps its side";

  config.data.classes = {};
  config.game = "unpaired-translation";
  config.pairs.classes_a = {0};
  config.pairs.classes_b = {1};
  const auto of_sides = record_of(open_data(config));
  EXPECT_EQ(change_between(of_sides, record_of(open_data(config))).what, "");
  config.pairs.classes_b = {2};
  EXPECT_EQ(change_between(of_sides, record_of(open_data(config))).what, kOthers);
  std::swap(config.pairs.classes_a, config.pairs.classes_b);
  EXPECT_EQ(change_between(of_sides, record_of(open_data(config))).what, kOthers);
  auto old = of_sides;
  old.chosen = "";
  EXPECT_EQ(change_between(old, record_of(open_data(config))).what, "") << "an older version wrote it";
}

TEST(DataRecordTest, IsReadAsItWasWritten) {
  const ImageFolder folder;
  folder.write_image("a.png", 16, 16, 1);
  auto written = record(folder);
  written.mixed = true;
  written.files = {{"key", "0123abcd"}};
  const auto read = data_record_from_json(to_json(written), "data.json");
  EXPECT_EQ(change_between(written, read).what, "");
  EXPECT_TRUE(read.mixed);
  EXPECT_EQ(read.files, written.files);
  EXPECT_THROW(data_record_from_json("{\"kind\": 3}", "data.json"), Error);
  EXPECT_THROW(data_record_from_json("torn", "data.json"), Error);
}

}  // namespace
}  // namespace forger
