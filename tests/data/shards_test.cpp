#include "data/shards.h"

#include <gmock/gmock.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "data/export.h"
#include "data/folder.h"
#include "data/tar.h"
#include "data/image_folder.h"
#include "forger/error.h"

namespace forger {
namespace {

using ::testing::HasSubstr;

using Names = std::vector<std::string>;

TEST(BracesTest, ExpandAsInTheShell) {
  EXPECT_EQ(expand_braces("a.tar"), (Names{"a.tar"}));
  EXPECT_EQ(expand_braces("x-{08..11}.tar"), (Names{"x-08.tar", "x-09.tar", "x-10.tar", "x-11.tar"}));
  EXPECT_EQ(expand_braces("{9..11}"), (Names{"9", "10", "11"}));
  EXPECT_EQ(expand_braces("{a,b}/{0..1}"), (Names{"a/0", "a/1", "b/0", "b/1"}));
  EXPECT_EQ(expand_braces("{a{0..1},b}"), (Names{"a0", "a1", "b"}));
  EXPECT_EQ(expand_braces("{odd}"), (Names{"{odd}"}));
  EXPECT_EQ(expand_braces("open{0..1"), (Names{"open{0..1"}));
  EXPECT_EQ(expand_braces("{000..127}").size(), 128U);
}

TEST(BracesTest, ImpossibleRangesAreRefused) {
  for (const char* pattern : {"{5..2}", "{a..c}", "{0..9999999}", "{-1..3}", "{..}"}) {
    EXPECT_THROW(expand_braces(pattern), Error) << pattern;
  }
}

/// A ustar header and its data, padded.
std::string member(const std::string& name, const std::string& content, char type = '0') {
  std::string header(512, '\0');
  header.replace(0, name.size(), name);
  header.replace(124, 11, fmt::format("{:011o}", content.size()));
  header[156] = type;
  header.replace(257, 6, std::string("ustar\0", 6));
  int sum = 8 * ' ';
  for (const char c : header) sum += static_cast<unsigned char>(c);
  header.replace(148, 7, fmt::format("{:06o}", sum) + '\0');
  header[155] = ' ';
  std::string data = content;
  data.resize((content.size() + 511) / 512 * 512, '\0');
  return header + data;
}

const std::string kEnd(1024, '\0');

std::vector<TarMember> list(const ImageFolder& folder, const std::string& bytes) {
  folder.write("x.tar", bytes);
  return list_tar(RandomFile(folder / "x.tar"), "x.tar");
}

TEST(TarTest, MembersAreWhereTheyAreSaidToBe) {
  const ImageFolder folder;
  const std::string bytes =
      member("d/", "", '5') + member("d/a", "hello") + member("b", std::string(600, 'b')) + kEnd;
  const auto members = list(folder, bytes);
  ASSERT_EQ(members.size(), 2U);
  EXPECT_EQ(members[0].name, "d/a");
  EXPECT_EQ(bytes.substr(static_cast<size_t>(members[0].offset), static_cast<size_t>(members[0].length)),
            "hello");
  EXPECT_EQ(members[1].length, 600);
}

TEST(TarTest, LongNamesOfGnuAndPaxAreRead) {
  const ImageFolder folder;
  const std::string name(180, 'n');
  const std::string pax = fmt::format("{} path={}\n", name.size() + 10, name);
  const auto members =
      list(folder, member("././@LongLink", name + '\0', 'L') + member("short", "1") +
                       member("pax", pax, 'x') + member("short", "2") + member("plain", "3") + kEnd);
  ASSERT_EQ(members.size(), 3U);
  EXPECT_EQ(members[0].name, name);
  EXPECT_EQ(members[1].name, name);
  EXPECT_EQ(members[2].name, "plain");
}

TEST(TarTest, DamagedHeaderIsAnErrorThatSaysWhere) {
  const ImageFolder folder;
  std::string bytes = member("a", "1") + member("b", "2") + kEnd;
  bytes[1024 + 10] = 'x';
  try {
    list(folder, bytes);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("x.tar: damaged archive at byte 1024: not a tar header"));
  }
}

TEST(TarTest, AnyBytesGiveAListOrAnError) {
  const ImageFolder folder;
  const std::string whole = member("././@LongLink", "name\0", 'L') + member("a", "1") +
                            member("p", "9 path=b\n", 'x') + member("b", "22") + kEnd;
  EXPECT_TRUE(rc::check("bytes", [&] {
    std::string bytes = whole;
    for (int i = 0; i < *rc::gen::inRange(1, 6); ++i) {
      bytes[*rc::gen::inRange<size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
    }
    bytes.resize(*rc::gen::inRange<size_t>(0, bytes.size() + 1));
    try {
      list(folder, bytes);
    } catch (const Error&) {
    }
  }));
}

TEST(ShardsTest, ClassIsTheNumberBesideOrTheFolder) {
  const ImageFolder folder;
  folder.write_image("img.png", 8, 8, 9);
  const std::string png = read_file(folder / "img.png");
  folder.write("numbers.tar", member("a.png", png) + member("a.cls", "2\n") + member("b.png", png) +
                                  member("b.cls", "0") + kEnd);
  const auto numbers = open_shards({folder / "numbers.tar"});
  EXPECT_EQ(numbers->size(), 2);
  EXPECT_EQ(numbers->label(0), 2);
  EXPECT_EQ(numbers->label(1), 0);
  EXPECT_EQ(numbers->class_names(), (Names{"0", "1", "2"}));
  EXPECT_EQ(numbers->name(0), "numbers.tar/a.png");

  folder.write("folders.tar", member("train/cat/0.png", png) + member("train/ant/0.png", png) + kEnd);
  const auto folders = open_shards({folder / "folders.tar"});
  EXPECT_EQ(folders->class_names(), (Names{"ant", "cat"}));
  EXPECT_EQ(folders->label(0), 1);

  folder.write("none.tar", member("0.png", png) + member("0.json", "{}") + kEnd);
  const auto none = open_shards({folder / "none.tar"});
  EXPECT_EQ(none->label(0), -1);
  EXPECT_TRUE(none->class_names().empty());
  EXPECT_EQ(none->ignored().at(".json"), 1);
}

TEST(ShardsTest, MemberOfAnArchiveThatWasCutShortIsAnErrorOfItsOwn) {
  const ImageFolder folder;
  folder.write_image("img.png", 40, 40, 9);
  const std::string png = read_file(folder / "img.png"), all = member("a.png", png) + member("b.png", png);
  folder.write("x.tar", all.substr(0, all.size() - 512));
  const auto source = open_shards({folder / "x.tar"});
  EXPECT_EQ(source->decode(0, {}).height, 40);
  EXPECT_THROW(source->decode(1, {}), Error);
}

TEST(PackTest, OriginalBytesAndClassesComeBack) {
  const ImageFolder folder;
  for (int i = 0; i < 7; ++i)
    folder.write_image(fmt::format("in/{}/{}.png", i % 2 ? "dog" : "cat", i), 6, 6,
                       static_cast<uint8_t>(10 * i));
  folder.write("in/cat/bad.png", "no image");
  const auto source = open_folder(folder / "in");
  const PackReport report = pack_shards(*source, (folder / "out/x-{0..2}.tar").string(), 1);
  EXPECT_EQ(report.images, 7);
  EXPECT_EQ(report.left_out.size(), 1U);
  ASSERT_EQ(report.shards.size(), 3U);
  const auto packed = open_shards(report.shards);
  ASSERT_EQ(packed->size(), 7);
  EXPECT_EQ(packed->class_names(), (Names{"cat", "dog"}));
  int64_t at = 0;
  for (int64_t i = 0; i < source->size(); ++i) {
    if (source->name(i) == "cat/bad.png") continue;
    EXPECT_EQ(packed->file_bytes(at), source->file_bytes(i));
    EXPECT_EQ(packed->label(at++), source->label(i));
  }
}

TEST(PackTest, NothingIsOverwrittenOrLeftBehind) {
  const ImageFolder folder;
  for (int i = 0; i < 4; ++i) folder.write_image(fmt::format("in/{}.png", i), 6, 6, 1);
  folder.write("x-1.tar", "mine");
  EXPECT_THROW(pack_shards(*open_folder(folder / "in"), (folder / "x-{0..1}.tar").string(), 1), Error);
  EXPECT_FALSE(std::filesystem::exists(folder / "x-0.tar"));
  EXPECT_EQ(read_file(folder / "x-1.tar"), "mine");
}

TEST(PackTest, FolderGetsShardsOfTheWishedSize) {
  const ImageFolder folder;
  for (int i = 0; i < 4; ++i) folder.write_image(fmt::format("in/{}.png", i), 6, 6, 1);
  EXPECT_EQ(pack_shards(*open_folder(folder / "in"), (folder / "out").string(), 1).shards.size(), 4U);
  EXPECT_TRUE(std::filesystem::exists(folder / "out/shard-000003.tar"));
}

}  // namespace
}  // namespace forger
