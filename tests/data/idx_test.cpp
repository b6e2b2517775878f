#include "data/idx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <zlib.h>

#include "data/image_folder.h"
#include "forger/error.h"

namespace forger {
namespace {

using ::testing::HasSubstr;

/// An IDX file of the given sizes, its values counting up.
std::string idx(const std::vector<uint32_t>& sizes) {
  std::string bytes = {0, 0, 8, static_cast<char>(sizes.size())};
  uint32_t total = 1;
  for (const uint32_t size : sizes) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift & 255);
    total *= size;
  }
  for (uint32_t i = 0; i < total; ++i) bytes += static_cast<char>(i);
  return bytes;
}

void write_gzip(const std::filesystem::path& path, const std::string& content) {
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
}

std::string error_of(const std::string& bytes) {
  try {
    parse_idx(bytes);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(IdxTest, PlainAndGzippedFilesGiveTheSame) {
  const ImageFolder folder;
  write_gzip(folder / "x.gz", idx({3, 4, 5}));
  const IdxArray plain = parse_idx(idx({3, 4, 5})), packed = parse_idx(read_file(folder / "x.gz"));
  EXPECT_EQ(plain.sizes, (std::vector<int64_t>{3, 4, 5}));
  EXPECT_EQ(packed.sizes, plain.sizes);
  EXPECT_EQ(packed.values, plain.values);
  EXPECT_EQ(plain.values.size(), 60U);
  EXPECT_EQ(plain.values[59], 59);
}

TEST(IdxTest, EveryPrefixIsAnErrorPlainAndGzipped) {
  const ImageFolder folder;
  write_gzip(folder / "x.gz", idx({3, 4, 5}));
  const std::string plain = idx({3, 4, 5}), packed = read_file(folder / "x.gz");
  for (size_t i = 0; i < plain.size(); ++i) EXPECT_NE(error_of(plain.substr(0, i)), "no error") << i;
  for (size_t i = 0; i < packed.size(); ++i) EXPECT_NE(error_of(packed.substr(0, i)), "no error") << i;
}

TEST(IdxTest, TheEndOfGzipDataIsChecked) {
  const ImageFolder folder;
  write_gzip(folder / "x.gz", idx({3, 4, 5}));
  const std::string packed = read_file(folder / "x.gz");
  for (size_t back = 1; back <= 8; ++back) {  // checksum and length
    std::string bytes = packed;
    bytes[bytes.size() - back] = static_cast<char>(bytes[bytes.size() - back] ^ 1);
    EXPECT_THAT(error_of(bytes), HasSubstr("checksum")) << back;
  }
  EXPECT_EQ(error_of(packed + std::string(512, '\0')), "no error");  // padding, as gzip takes it
  EXPECT_THAT(error_of(packed + "xyz"), HasSubstr("3 bytes follow the end of the gzip data"));
}

TEST(IdxTest, JoinedGzipFilesAreOne) {
  const ImageFolder folder;
  const std::string whole = idx({3, 4, 5});
  write_gzip(folder / "1.gz", whole.substr(0, 30));
  write_gzip(folder / "2.gz", whole.substr(30));
  const std::string first = read_file(folder / "1.gz"), second = read_file(folder / "2.gz");
  EXPECT_EQ(parse_idx(first + second).values, parse_idx(whole).values);
  EXPECT_THAT(error_of(first), HasSubstr("cut short"));
  EXPECT_THAT(error_of(first + second.substr(0, second.size() - 4)), HasSubstr("cut short"));
}

TEST(IdxTest, HiddenTwinsOfOtherSystemsAreNoData) {
  const ImageFolder folder;
  folder.write("train-images-idx3-ubyte", idx({3, 2, 2}));
  folder.write("._train-images-idx3-ubyte", "Mac OS X");
  EXPECT_EQ(open_idx(folder.string())->size(), 3);
}

TEST(IdxTest, AnnouncedSizesBeyondTheFileTakeNoMemory) {
  std::string bytes = idx({2, 2, 2});
  bytes.replace(4, 12, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
  EXPECT_THAT(error_of(bytes), HasSubstr("cut short"));
}

TEST(IdxTest, TellsWhatIsWrong) {
  EXPECT_THAT(error_of("hello there"), HasSubstr("not an IDX file"));
  std::string floats = idx({2, 2, 2});
  floats[2] = 0x0D;
  EXPECT_THAT(error_of(floats), HasSubstr("received 0x0d, accepted: 0x08"));
  EXPECT_THAT(error_of(idx({2, 2, 2}) + "x"), HasSubstr("too long: the header announces 8 values, the file holds 9"));
}

TEST(IdxTest, AnyBytesGiveAnArrayOrAnError) {
  EXPECT_TRUE(rc::check("bytes", [] {
    std::string bytes = idx({2, 3, 4});
    for (int i = 0; i < *rc::gen::inRange(1, 6); ++i) {
      bytes[*rc::gen::inRange<size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
    }
    try {
      const IdxArray array = parse_idx(bytes);
      int64_t total = 1;
      for (const int64_t size : array.sizes) total *= size;
      RC_ASSERT(static_cast<int64_t>(array.values.size()) == total);
    } catch (const Error&) {
    }
  }));
}

TEST(IdxTest, LabelsAreFoundBesideTheImages) {
  const ImageFolder folder;
  folder.write("train-images-idx3-ubyte", idx({3, 2, 2}));
  write_gzip(folder / "train-labels-idx1-ubyte.gz", idx({3}));
  folder.write("t10k-images-idx3-ubyte", idx({1, 2, 2}));
  const auto source = open_idx(folder.string());
  EXPECT_EQ(source->size(), 3);
  EXPECT_EQ(source->label(2), 2);
  EXPECT_EQ(source->class_names(), (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_EQ(source->name(1), "train-images-idx3-ubyte#1");
  EXPECT_EQ(source->decode(1, {}).values, (std::vector<uint8_t>{4, 5, 6, 7}));
  EXPECT_EQ(open_idx(folder / "t10k-images-idx3-ubyte")->label(0), -1);
}

TEST(IdxTest, LabelsOfAnotherNumberAreRefused) {
  const ImageFolder folder;
  folder.write("train-images-idx3-ubyte", idx({3, 2, 2}));
  folder.write("train-labels-idx1-ubyte", idx({4}));
  EXPECT_THROW(open_idx(folder.string()), Error);
}

}  // namespace
}  // namespace forger
