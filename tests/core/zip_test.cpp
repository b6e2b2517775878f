#include "core/zip.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <zlib.h>

#include "core/files.h"
#include "core/npz.h"
#include "core/torch.h"
#include "forger/error.h"
#include "support/zip_file.h"

namespace forger {
namespace {

using ::testing::HasSubstr;

/// Everything in an archive, "name=content" a member, or the Error.
std::string content_of(const std::string& bytes) {
  try {
    const auto zip = zip_bytes(bytes);
    const auto listing = list_zip(zip);
    std::string text = listing.incomplete.empty() ? "" : "(" + listing.incomplete + ")";
    for (const auto& member : listing.members) {
      const auto content = read_zip_member(zip, member);
      // What lies there as it is can be seen without a copy.
      EXPECT_EQ(view_zip_member(bytes, member).value_or(content), content);
      text += member.name + "=" + content + ";";
    }
    return text;
  } catch (const Error& error) {
    return std::string("error: ") + error.what();
  }
}

const std::string kLong(5000, 'z');

TEST(ZipTest, StoredAndDeflatedMembersAreRead) {
  EXPECT_EQ(content_of(zip_file({{"a", "hello"}, {"d/", ""}, {"d/b", kLong, true}})), "a=hello;d/b=" + kLong + ";");
  EXPECT_EQ(content_of(zip_file({})), "");
  EXPECT_EQ(content_of(zip_file({{"d\\b", "x"}})), "d/b=x;");
}

TEST(ZipTest, AStoredMemberIsSeenWhereItLies) {
  const std::string bytes = zip_file({{"a", "hello"}, {"b", kLong, true}});
  const auto listing = list_zip(zip_bytes(bytes));
  const auto seen = view_zip_member(bytes, listing.members.at(0));
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(*seen, "hello");
  EXPECT_EQ(seen->data() - bytes.data(), static_cast<std::ptrdiff_t>(bytes.find("hello")));
  EXPECT_EQ(view_zip_member(bytes, listing.members.at(1)), std::nullopt);
  EXPECT_THROW(view_zip_member(bytes.substr(0, 32), listing.members.at(0)), Error);
}

TEST(ZipTest, NumbersTooLargeForTheFormatStandInZip64) {
  using zip_parts::number;
  const std::string name = "a.png", data = "hello", all_ones(8, '\xFF');
  const std::string checksum = number(crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size()), 4);
  const std::string sizes = number(1, 2) + number(16, 2) + number(5, 8) + number(5, 8);
  const std::string local = "PK\3\4" + number(45, 2) + number(0, 8) + checksum + all_ones + number(name.size(), 2) +
                            number(sizes.size(), 2) + name + sizes + data;
  const std::string fields = number(1, 2) + number(24, 2) + number(5, 8) + number(5, 8) + number(0, 8);
  const std::string entry = "PK\1\2" + number(45, 2) + number(45, 2) + number(0, 8) + checksum + all_ones +
                            number(name.size(), 2) + number(fields.size(), 2) + number(0, 10) + all_ones.substr(4) +
                            name + fields;
  const std::string record = "PK\6\6" + number(44, 8) + number(45, 2) + number(45, 2) + number(0, 8) + number(1, 8) +
                             number(1, 8) + number(entry.size(), 8) + number(local.size(), 8);
  const std::string locator = "PK\6\7" + number(0, 4) + number(local.size() + entry.size(), 8) + number(1, 4);
  const std::string end = "PK\5\6" + number(0, 4) + all_ones + all_ones.substr(4) + number(0, 2);
  EXPECT_EQ(content_of(local + entry + record + locator + end), "a.png=hello;");
  // As PyTorch writes it: the small end record holds the numbers, too.
  const std::string full = "PK\5\6" + number(0, 4) + number(1, 2) + number(1, 2) + number(entry.size(), 4) +
                           number(local.size(), 4) + number(0, 2);
  EXPECT_EQ(content_of(local + entry + record + locator + full), "a.png=hello;");
}

TEST(ZipTest, EveryPrefixIsAnError) {
  const std::string whole = zip_file({{"a", "hello"}, {"b", kLong, true}});
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THAT(content_of(whole.substr(0, size)), HasSubstr("error: cut short")) << size;
  }
}

TEST(ZipTest, WhatStandsAroundAnArchiveIsSaid) {
  const std::string one = zip_file({{"a", "1"}}), two = zip_file({{"b", "2"}});
  EXPECT_EQ(content_of(one + two),
            fmt::format("({} bytes stand before it, an archive that is not read)b=2;", one.size()));
  EXPECT_EQ(content_of("#!program that unpacks itself" + one), "a=1;");
  EXPECT_EQ(content_of(one + "xyz"), "(3 bytes follow its end, which are not read)a=1;");
}

TEST(ZipTest, AnyChangedByteOfAMemberIsNoticed) {
  for (const bool deflated : {false, true}) {
    const std::string whole = zip_file({{"a", "hello", deflated}});
    const size_t begin = 30 + 1, end = whole.find("PK\1\2");
    for (size_t i = begin; i < end; ++i) {
      std::string bytes = whole;
      bytes[i] = static_cast<char>(bytes[i] ^ 0x10);
      // The last byte of deflated data has bits that mean nothing.
      const auto content = content_of(bytes);
      EXPECT_TRUE(content.starts_with("error: damaged") || (i + 1 == end && content == "a=hello;")) << i << content;
    }
  }
}

TEST(ZipTest, WhatCannotBeReadIsNamed) {
  EXPECT_THAT(content_of(zip_file({{.name = "a", .content = "hello", .flags = 1}})), HasSubstr("encrypted"));
  EXPECT_THAT(content_of(zip_file({{.name = "a", .content = "hello", .method = 93}})),
              HasSubstr("packed by method 93, accepted: stored (0) or deflated (8)"));
  std::string bomb = zip_file({{"a", kLong, true}});
  bomb.replace(bomb.find("PK\1\2") + 24, 4, "\xFE\xFF\xFF\xFF");
  EXPECT_THAT(content_of(bomb), HasSubstr("impossible size"));
}

TEST(ZipTest, AnyBytesGiveAListOrAnError) {
  const std::string whole = zip_file({{"a", "hello"}, {"b", kLong, true}});
  EXPECT_TRUE(rc::check("bytes", [&] {
    std::string bytes = whole;
    for (int i = 0; i < *rc::gen::inRange(1, 6); ++i) {
      bytes[*rc::gen::inRange<size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
    }
    content_of(bytes);
  }));
}

TEST(NpzTest, EveryPrefixIsAnError) {
  const auto path = std::filesystem::path(testing::TempDir()) / "prefix.npz";
  write_npz(path, {{"images", torch::arange(60, at::kByte)}, {"labels", torch::arange(3, at::kLong)}});
  const std::string whole = read_file(path);
  ASSERT_EQ(parse_npz(whole, "a.npz").size(), 2u);
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(parse_npz(whole.substr(0, size), "a.npz"), Error) << size;
  }
  EXPECT_THROW(parse_npz(whole + "x", "a.npz"), Error);
  EXPECT_THROW(parse_npz(whole + whole, "a.npz"), Error);
}

TEST(NpyTest, OneArrayIsRead) {
  // By numpy 1.26: numpy.save(file, numpy.arange(6, dtype=numpy.uint8).reshape(1, 2, 3)).
  std::string bytes("\x93NUMPY\x01\x00\x76\x00", 10);
  bytes += "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 3), }";
  bytes.resize(127, ' ');
  bytes += std::string("\n\0\1\2\3\4\5", 7);
  EXPECT_TRUE(parse_npy(bytes, "a.npy").equal(torch::arange(6, at::kByte).view({1, 2, 3})));
  for (size_t size = 0; size < bytes.size(); ++size) EXPECT_THROW(parse_npy(bytes.substr(0, size), "a.npy"), Error);
  EXPECT_THROW(parse_npy(bytes + "x", "a.npy"), Error);
}

}  // namespace
}  // namespace forger
