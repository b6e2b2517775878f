#include "data/shards.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "data/export.h"
#include "data/folder.h"
#include "data/image_folder.h"
#include "data/parallel.h"
#include "data/tar.h"
#include "forger/error.h"
#include "support/zip_file.h"

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

TarListing list_whole(const ImageFolder& folder, const std::string& bytes) {
  folder.write("x.tar", bytes);
  return list_tar(RandomFile(folder / "x.tar"));
}

std::vector<TarMember> list(const ImageFolder& folder, const std::string& bytes) {
  return list_whole(folder, bytes).members;
}

TEST(TarTest, MembersAreWhereTheyAreSaidToBe) {
  const ImageFolder folder;
  const std::string bytes = member("d/", "", '5') + member("d/a", "hello") + member("b", std::string(600, 'b')) + kEnd;
  const auto members = list(folder, bytes);
  ASSERT_EQ(members.size(), 2U);
  EXPECT_EQ(members[0].name, "d/a");
  EXPECT_EQ(bytes.substr(static_cast<size_t>(members[0].offset), static_cast<size_t>(members[0].length)), "hello");
  EXPECT_EQ(members[1].length, 600);
}

TEST(TarTest, LongNamesOfGnuAndPaxAreRead) {
  const ImageFolder folder;
  const std::string name(180, 'n');
  const std::string pax = fmt::format("{} path={}\n", name.size() + 10, name);
  const auto members = list(folder, member("././@LongLink", name + '\0', 'L') + member("short", "1") +
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
    EXPECT_THAT(error.what(), HasSubstr("damaged archive at byte 1024: not a tar header"));
  }
}

TEST(TarTest, AnyBytesGiveAListOrAnError) {
  const ImageFolder folder;
  const std::string whole = member("././@LongLink", "name\0", 'L') + member("a", "1") + member("p", "9 path=b\n", 'x') +
                            member("b", "22") + kEnd;
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

TEST(TarTest, AnArchiveThatWasCutAnywhereIsSaidToBe) {
  const ImageFolder folder;
  const std::string whole = member("a", std::string(600, 'a')) +
                            member("././@LongLink", std::string(180, 'n') + '\0', 'L') + member("b", "1") + kEnd;
  EXPECT_EQ(list_whole(folder, whole).incomplete, "");
  EXPECT_EQ(list_whole(folder, whole + std::string(8192, '\0')).incomplete, "");
  for (size_t size = 0; size < whole.size(); size += size % 512 == 0 ? 1 : size % 512 == 1 ? 510 : 1) {
    const auto listing = list_whole(folder, whole.substr(0, size));
    EXPECT_THAT(listing.incomplete, HasSubstr("cut short")) << size;
    EXPECT_EQ(listing.members.size(), size < 512 ? 0u : size < 3072 ? 1u : 2u) << size;
  }
}

TEST(TarTest, WhereItWasCutIsSaid) {
  const ImageFolder folder;
  const std::string whole = member("a", std::string(600, 'a')) + kEnd;
  const auto said = [&](size_t size) { return list_whole(folder, whole.substr(0, size)).incomplete; };
  EXPECT_EQ(
      said(0),
      "cut short: it ends without its end mark at byte 0, accepted: at two blocks of zeros; there is no file in it");
  EXPECT_EQ(said(812), "cut short: 300 of the 600 bytes of \"a\" are there; files after it may be missing");
  EXPECT_EQ(said(1200),
            "cut short: it ends in the middle of a block at byte 1200, accepted: at two blocks of zeros; files after "
            "\"a\" may be missing");
  EXPECT_EQ(said(1536),
            "cut short: it ends without its end mark at byte 1536, accepted: at two blocks of zeros; files after \"a\" "
            "may be missing");
  EXPECT_EQ(said(2048), "cut short: its end mark is 512 bytes long, accepted: 1024 zero bytes");
}

TEST(TarTest, WhatWasAppendedBehindTheEndMarkIsSaid) {
  const ImageFolder folder;
  const std::string one = member("a", "1") + kEnd;
  for (const size_t padding : {0u, 512u, 8192u, 200'000u}) {
    const auto listing = list_whole(folder, one + std::string(padding, '\0') + one);
    EXPECT_EQ(listing.members.size(), 1u);
    EXPECT_EQ(listing.incomplete,
              fmt::format("goes on at byte {} after its end mark at byte 1024: what was appended there is not "
                          "read",
                          one.size() + padding));
  }
}

TEST(TarTest, LinksToImagesAreCounted) {
  const ImageFolder folder;
  EXPECT_EQ(list_whole(folder, member("a.png", "1") + member("b.png", "", '1') + member("c.png", "", '2') +
                                   member("d.txt", "", '2') + kEnd)
                .links,
            2);
}

TEST(ShardsTest, ClassIsTheNumberBesideOrTheFolder) {
  const ImageFolder folder;
  folder.write_image("img.png", 8, 8, 9);
  const std::string png = read_file(folder / "img.png");
  folder.write("numbers.tar",
               member("a.png", png) + member("a.cls", "2\n") + member("b.png", png) + member("b.cls", "0") + kEnd);
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

TEST(ShardsTest, ANumberThatWasCutOffCostsNoOtherClass) {
  const ImageFolder folder;
  folder.write_image("img.png", 8, 8, 9);
  const std::string png = read_file(folder / "img.png");
  const std::string whole =
      member("a.png", png) + member("a.cls", "2") + member("b.png", png) + member("b.cls", "0") + kEnd;
  for (const size_t cut : {1024u, 1024u + 300u, 1024u + 512u, 1024u + 800u, 1024u + 1024u}) {
    folder.write("x.tar", whole.substr(0, whole.size() - cut));
    const auto source = open_shards({folder / "x.tar"});
    EXPECT_EQ(source->class_names(), (Names{"0", "1", "2"})) << cut;
    EXPECT_EQ(source->label(0), 2);
    ASSERT_EQ(source->incomplete().size(), 1u);
    EXPECT_THAT(source->incomplete()[0], HasSubstr("x.tar: cut short"));
    if (cut < 1024 + 512) continue;  // the number itself is there
    EXPECT_EQ(source->size(), 1) << cut;
    EXPECT_THAT(source->incomplete()[0], HasSubstr("x.tar/b.png has lost its class and is left out")) << cut;
  }
}

TEST(ShardsTest, AllDamagedArchivesAreNamed) {
  const ImageFolder folder;
  for (int i = 0; i < 5; ++i) folder.write(fmt::format("{}.tar", i), std::string(600, 'x'));
  std::vector<std::string> paths;
  for (int i = 0; i < 5; ++i) paths.push_back((folder / fmt::format("{}.tar", i)).string());
  try {
    open_shards(paths);
    FAIL();
  } catch (const DamagedData& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("2.tar: damaged archive at byte 0: not a tar header (wrong checksum); and 2 more archives"));
  }
}

TEST(ShardsTest, WhatSystemsMakeIsPassedOverAndCounted) {
  const ImageFolder folder;
  folder.write_image("img.png", 8, 8, 9);
  const std::string png = read_file(folder / "img.png");
  folder.write("x.tar", member("./cat/1.png", png) + member("cat/@eaDir/1.png", png) + member("cat/@eaDir/2.png", png) +
                            member("__MACOSX/cat/1.png", png) + member("cat/._1.png", png) + member(".git/1.png", png) +
                            member("dog/Thumbs.db", "x") + member("dog/2.png", png) +
                            member("$RECYCLE.BIN/3.png", png) + kEnd);
  const auto source = open_shards({folder / "x.tar"});
  EXPECT_EQ(source->size(), 2);
  EXPECT_EQ(source->class_names(), (Names{"cat", "dog"}));
  EXPECT_EQ(source->ignored(),
            (PassedOver{{"@eaDir", 1}, {"__MACOSX", 1}, {"hidden", 2}, {"Thumbs.db", 1}, {"$RECYCLE.BIN", 1}}));
}

TEST(ZipArchiveTest, IsReadAsATarIs) {
  const ImageFolder folder;
  folder.write_image("img.png", 40, 30, 9);
  const std::string png = read_file(folder / "img.png");
  folder.write("x.zip", zip_file({{"photos/", ""},
                                  {"photos/dog/1.png", png},
                                  {"photos/cat/2.PNG", png, true},
                                  {"__MACOSX/photos/cat/._2.PNG", "x"},
                                  {"photos/readme.txt", "x"}}));
  const auto source = open_shards({folder / "x.zip"});
  EXPECT_EQ(source->kind(), "zip archives");
  ASSERT_EQ(source->size(), 2);
  EXPECT_EQ(source->name(0), "x.zip/photos/dog/1.png");
  EXPECT_EQ(source->class_names(), (Names{"cat", "dog"}));
  EXPECT_EQ(source->label(0), 1);
  EXPECT_EQ(source->file_bytes(1), png);
  EXPECT_EQ(source->info(1).height, 40);
  EXPECT_EQ(source->ignored(), (PassedOver{{".txt", 1}, {"__MACOSX", 1}}));
  EXPECT_TRUE(source->incomplete().empty());
}

TEST(ZipArchiveTest, ItemsAreReadByManyThreadsAtOnce) {
  const ImageFolder folder;
  std::vector<ZipEntry> entries;
  for (int i = 0; i < 64; ++i)
    entries.push_back({fmt::format("{}.png", i), std::string(static_cast<size_t>(3000 + i), 'x'), true});
  folder.write("x.zip", zip_file(entries));
  const auto source = open_shards({folder / "x.zip"});
  parallel_items(640, 8,
                 [&](int64_t i) { EXPECT_EQ(source->file_bytes(i % 64).size(), static_cast<size_t>(3000 + i % 64)); });
}

TEST(ZipArchiveTest, NumbersBesideImagesAreTheirClasses) {
  const ImageFolder folder;
  folder.write("x.zip", zip_file({{"a.png", "1"}, {"a.cls", "1"}, {"b.png", "2"}, {"b.cls", "0", true}}));
  EXPECT_EQ(open_shards({folder / "x.zip"})->label(0), 1);
}

TEST(ZipArchiveTest, EncryptedMembersAndDamageAreNamed) {
  const ImageFolder folder;
  folder.write("x.zip", zip_file({{"a.png", "1"}, {.name = "b.png", .content = "2", .flags = 1}}));
  const auto source = open_shards({folder / "x.zip"});
  EXPECT_EQ(source->file_bytes(0), "1");
  try {
    source->file_bytes(1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "x.zip/b.png: is encrypted, accepted: archives without a password");
  }
  folder.write("cut.zip", zip_file({{"a.png", "1"}}).substr(0, 60));
  EXPECT_THROW(open_shards({folder / "cut.zip"}), DamagedData);
}

TEST(PackTest, OriginalBytesAndClassesComeBack) {
  const ImageFolder folder;
  for (int i = 0; i < 7; ++i)
    folder.write_image(fmt::format("in/{}/{}.png", i % 2 ? "dog" : "cat", i), 6, 6, static_cast<uint8_t>(10 * i));
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
