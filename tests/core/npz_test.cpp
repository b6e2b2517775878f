#include "core/npz.h"

#include <gtest/gtest.h>

#include "core/files.h"
#include "core/torch.h"
#include "forger/error.h"

namespace forger {
namespace {

std::filesystem::path scratch(const std::string& name) {
  return std::filesystem::path(testing::TempDir()) / name;
}

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
  EXPECT_TRUE(header.starts_with("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 3, ), }"))
      << header;
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

}  // namespace
}  // namespace forger
