#include "run/tensorboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "core/crc32c.h"
#include "core/files.h"
#include "forger/error.h"

namespace forger {
namespace {

std::filesystem::path fresh_folder(const std::string& name) {
  const auto folder = std::filesystem::path(testing::TempDir()) / name;
  std::filesystem::remove_all(folder);
  return folder;
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  return files;
}

uint32_t unmasked(uint32_t crc) {
  const uint32_t turned = crc - 0xa282ead8u;
  return turned >> 17 | turned << 15;
}

/// Records of a TFRecord file, with both checksums checked.
std::vector<std::string> records(std::string_view bytes) {
  std::vector<std::string> found;
  const auto number = [&](size_t at, auto value) {
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
  };
  while (!bytes.empty()) {
    const auto length = number(0, uint64_t{});
    EXPECT_EQ(unmasked(number(8, uint32_t{})), crc32c(bytes.substr(0, 8)));
    found.emplace_back(bytes.substr(12, length));
    EXPECT_EQ(unmasked(number(12 + length, uint32_t{})), crc32c(found.back()));
    bytes.remove_prefix(16 + length);
  }
  return found;
}

TEST(TensorBoardTest, EventsAreOnDiskWhileTheWriterLives) {
  const auto folder = fresh_folder("events");
  TensorBoardWriter writer(folder, 0);
  writer.scalar("loss/generator", 0.5, 3);
  const auto files = files_in(folder);
  ASSERT_EQ(files.size(), 1u);
  EXPECT_THAT(files[0].filename().string(),
              testing::ContainsRegex("^events\\.out\\.tfevents\\.[0-9]+\\..+\\.[0-9]+\\.[0-9]+$"));
  const auto events = records(read_file(files[0]));
  ASSERT_EQ(events.size(), 3u);
  EXPECT_THAT(events[0], testing::EndsWith("\x1a\x0d"
                                           "brain.Event:2"));
  // wall_time (9 bytes), step 3, summary { value { tag, simple_value 0.5 } }
  EXPECT_EQ(events[2].substr(9), std::string("\x10\x03\x2a\x17\x0a\x15\x0a\x0e") + "loss/generator" +
                                     std::string("\x15\x00\x00\x00\x3f", 5));
}

TEST(TensorBoardTest, EveryWriterHasAFileOfItsOwn) {
  const auto folder = fresh_folder("two");
  {
    TensorBoardWriter first(folder, 0);
  }
  {
    TensorBoardWriter second(folder, 5);
  }
  EXPECT_EQ(files_in(folder).size(), 2u);
}

TEST(TensorBoardTest, AFolderThatCannotBeMadeIsAnError) { EXPECT_THROW(TensorBoardWriter("/proc/x", 0), Error); }

/// A killed run and its resumption from step 2; tests/commands/test_formats.py reads them with TensorBoard.
TEST(TensorBoardTest, AResumedRunIsWrittenForTensorBoard) {
  const auto folder = fresh_folder("tensorboard");
  const std::string png = read_file(std::filesystem::path(__FILE__).parent_path() / "golden" / "two_by_three.png");
  {
    TensorBoardWriter killed(folder, 0);
    for (int64_t step = 1; step <= 4; ++step) killed.scalar("loss/generator", 0.25 * static_cast<double>(step), step);
  }
  TensorBoardWriter resumed(folder, 2);
  resumed.scalar("loss/generator", 10, 3);
  resumed.image("samples", png, 2, 3, 3, 3);
}

}  // namespace
}  // namespace forger
