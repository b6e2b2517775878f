#include "core/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <functional>

#include "core/utf8.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::StartsWith;

/// The WriteError that `write` throws, as its text and whether it ends all.
std::pair<std::string, bool> write_error(const std::function<void()>& write) {
  try {
    write();
  } catch (const WriteError& error) {
    return {error.what(), error.ends_all()};
  }
  return {"", false};
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  return names;
}

TEST(FilesTest, ALongNameKeepsItsBeginningAndGetsAHash) {
  const std::string name(300, 'a');
  EXPECT_EQ(shortened_name(name.substr(0, 255)), name.substr(0, 255));
  const auto shortened = shortened_name(name);
  EXPECT_EQ(shortened.size(), 255);
  EXPECT_THAT(shortened, StartsWith(std::string(246, 'a') + "-"));
  EXPECT_NE(shortened, shortened_name(name + "b"));
}

TEST(FilesTest, ALongNameIsCutBetweenCharacters) {
  std::string name;
  for (int i = 0; i < 100; ++i) name += "\xE7\x94\xBB";  // three bytes
  for (size_t most = 60; most < 66; ++most) {
    const auto shortened = shortened_name(name, most);
    EXPECT_TRUE(is_utf8(shortened)) << shortened;
    EXPECT_EQ(shortened.size(), (most - 9) / 3 * 3 + 9);
  }
}

TEST(FilesTest, ANameOfEveryLengthThatFitsCanBeWritten) {
  const TemporaryFolder folder;
  for (size_t length = 235; length <= 255; ++length) {
    const auto path = folder / std::string(length, 'n');
    write_file_atomically(path, "content");
    EXPECT_EQ(read_file(path), "content");
  }
  EXPECT_EQ(names_in(folder.path()).size(), 21);
}

TEST(FilesTest, AFolderInTheWayIsNamedAndEndsNotAll) {
  const TemporaryFolder folder;
  const auto path = folder / "there";
  make_folder(path);
  const auto [text, ends_all] = write_error([&] { write_file_atomically(path, "content"); });
  EXPECT_EQ(text, "cannot write " + path.string() + ": Is a directory");
  EXPECT_FALSE(ends_all);
  EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"there"});
}

TEST(FilesTest, WhatIsBehindALinkIsReplacedAndTheLinkStays) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "file", "old");
  fs::create_symlink("file", folder / "link");
  write_file_atomically(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read_file(folder / "file"), "new");
}

TEST(FilesTest, ADeviceIsWrittenAndNotReplaced) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const TemporaryFolder folder;
  const auto path = folder / "a.txt";
  fs::create_symlink("/dev/full", path);
  const auto [text, ends_all] = write_error([&] { write_file_atomically(path, "content"); });
  EXPECT_EQ(text, "cannot write " + path.string() + ": No space left on device");
  EXPECT_TRUE(ends_all);
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
  fs::create_symlink("/dev/null", folder / "null");
  write_file_atomically(folder / "null", "content");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(FilesTest, AppendingToAFullDiskIsAnError) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  AppendFile file("/dev/full");
  EXPECT_THAT(write_error([&] { file.append("line\n"); }).first, EndsWith("No space left on device"));
}

TEST(FilesTest, AFreshFileForgetsWhatItHeld) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a.csv", "old\n");
  {
    auto file = AppendFile::fresh(folder / "a.csv");
    file.append("one\n");
    file.append("two\n");
    file.close();
  }
  EXPECT_EQ(read_file(folder / "a.csv"), "one\ntwo\n");
}

}  // namespace
}  // namespace forger
