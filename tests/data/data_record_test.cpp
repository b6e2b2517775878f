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

TEST(DataRecordTest, IsReadAsItWasWritten) {
  const ImageFolder folder;
  folder.write_image("a.png", 16, 16, 1);
  auto written = record(folder);
  written.mixed = true;
  const auto read = data_record_from_json(to_json(written), "data.json");
  EXPECT_EQ(change_between(written, read).what, "");
  EXPECT_TRUE(read.mixed);
  EXPECT_THROW(data_record_from_json("{\"kind\": 3}", "data.json"), Error);
  EXPECT_THROW(data_record_from_json("torn", "data.json"), Error);
}

}  // namespace
}  // namespace forger
