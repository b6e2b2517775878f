#include "core/npz.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "core/files.h"
#include "core/torch.h"
#include "forger/error.h"

namespace forger {
namespace {

std::filesystem::path scratch(const std::string& name) { return std::filesystem::path(testing::TempDir()) / name; }

/// The member's bytes in an archive that stores without compression.
std::string member(const std::string& zip, const std::string& name) {
  const size_t at = zip.find(name);
  EXPECT_NE(at, std::string::npos);
  return zip.substr(zip.find("\x93NUMPY", at));
}

TEST(NpzTest, MemberIsAnNpyFile) {
  const auto path = scratch("header.npz");
  write_npz(path, {{"images", torch::arange(6, at::kByte).view({1, 2, 3})}});
  const std::string npy = member(read_file(path), "images.npy");
  // numpy.lib.format, version 1.0: magic, version, length of the rest of the header, which ends a multiple of
  // 64 bytes.
  EXPECT_EQ(npy.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  const auto length = static_cast<unsigned char>(npy[8]) + 256u * static_cast<unsigned char>(npy[9]);
  EXPECT_EQ((10 + length) % 64, 0u);
  const std::string header = npy.substr(10, length);
  EXPECT_TRUE(header.starts_with("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 3, ), }")) << header;
  EXPECT_EQ(header.back(), '\n');
  EXPECT_EQ(npy.substr(10 + length, 6), std::string("\0\1\2\3\4\5", 6));
}

TEST(NpzTest, EveryDtypeAndLayoutIsWritten) {
  const auto images = torch::arange(24, at::kFloat).view({1, 2, 3, 4});
  write_npz(scratch("written.npz"),  // tests/commands/test_formats.py reads it
            {{"images", torch::arange(24, at::kByte).view({1, 2, 3, 4}).permute({0, 2, 3, 1})},
             {"labels", torch::tensor({-1, 5}, at::kLong)},
             {"float", images.contiguous(at::MemoryFormat::ChannelsLast)},
             {"double", torch::tensor({0.1, -2.5}, at::kDouble)},
             {"scalar", torch::tensor(7.0f)},
             {"empty", torch::empty({0, 3})}});
  EXPECT_TRUE(std::filesystem::exists(scratch("written.npz")));
}

TEST(NpzTest, TheSameArraysMakeTheSameFile) {
  write_npz(scratch("one.npz"), {{"a", torch::ones({5})}});
  write_npz(scratch("two.npz"), {{"a", torch::ones({5})}});
  EXPECT_EQ(read_file(scratch("one.npz")), read_file(scratch("two.npz")));
}

TEST(NpzTest, WhatCannotBeWrittenIsRefusedAndLeavesNothing) {
  const auto path = scratch("refused.npz");
  std::filesystem::remove(path);
  EXPECT_THROW(write_npz(path, {{"a", torch::ones({1})}, {"half", torch::ones({1}, at::kHalf)}}), Error);
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_FALSE(std::filesystem::exists(temporary_name(path)));
  EXPECT_THROW(write_npz("/nowhere/a.npz", {{"a", torch::ones({1})}}), Error);
}

TEST(NpzTest, AFullDiskIsAnError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const auto folder = scratch("full");
  std::filesystem::create_directories(folder);
  const auto path = folder / "a.npz";
  std::filesystem::remove(temporary_name(path));
  std::filesystem::create_symlink("/dev/full", temporary_name(path));
  EXPECT_THROW(write_npz(path, {{"a", torch::ones({100000})}}), Error);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(NpzTest, WhatWasWrittenIsReadBack) {
  const std::map<std::string, at::Tensor> arrays{{"bytes", torch::arange(24, at::kByte).view({2, 3, 4})},
                                                 {"labels", torch::tensor({-1, 5}, at::kLong)},
                                                 {"double", torch::tensor({0.1, -2.5}, at::kDouble)},
                                                 {"scalar", torch::tensor(7.0f)},
                                                 {"empty", torch::empty({0, 3})}};
  const auto path = scratch("back.npz");
  write_npz(path, arrays);
  const auto read = read_npz(path);
  ASSERT_EQ(read.size(), arrays.size());
  for (const auto& [name, array] : arrays) {
    EXPECT_EQ(read.at(name).scalar_type(), array.scalar_type()) << name;
    EXPECT_TRUE(read.at(name).equal(array)) << name;
  }
}

/// The message of the Error that reading gives, or "".
std::string refusal(const std::string& bytes) {
  try {
    parse_npz(bytes, "a.npz");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(NpzTest, DamagedArchivesAreErrorsThatNameTheFile) {
  const auto path = scratch("damage.npz");
  write_npz(path, {{"images", torch::arange(60, at::kByte)}});
  const std::string good = read_file(path);
  ASSERT_EQ(refusal(good), "");
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string bytes = good;
    for (size_t at = 0; (at = bytes.find(from, at)) != std::string::npos; at += to.size()) {
      bytes.replace(at, from.size(), to);
    }
    return bytes;
  };
  for (const auto& bytes : {std::string(), std::string("no archive"), good.substr(0, 40), changed("NUMPY", "NUMPX"),
                            changed("|u1", "|O1"), changed("False", "True "), changed("(60, )", "(6O, )"),
                            changed("(60, )", "(99, )"), changed("(60, )", "(50, )"), changed("(60, )", "(-6, )"),
                            changed("'shape'", "'shope'"), changed("images.npy", "images.txt")}) {
    EXPECT_TRUE(refusal(bytes).starts_with("a.npz")) << refusal(bytes);
  }
}

}  // namespace
}  // namespace forger
