#include "data/pair_dataset.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>

#include "core/torch.h"
#include "data/batches.h"
#include "data/image_folder.h"
#include "data/open.h"
#include "data/pairs.h"
#include "data/refused_opening.h"
#include "forger/error.h"

namespace forger {
namespace {

using testing::HasSubstr;

/// A picture whose red tells columns, green rows, and blue one number.
Pixels numbered(int64_t height, int64_t width, int number) {
  Pixels image(height, width, 3);
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      image.row(y)[3 * x] = static_cast<uint8_t>(x);
      image.row(y)[3 * x + 1] = static_cast<uint8_t>(y);
      image.row(y)[3 * x + 2] = static_cast<uint8_t>(number);
    }
  }
  return image;
}

void write_picture(const ImageFolder& folder, const std::string& name, const Pixels& image) {
  folder.write(name, encode_png(to_tensor(image)));
}

/// Ten pairs of 24x40 in folders: side A has even numbers, side B the odd ones behind them.
void write_pairs(const ImageFolder& folder, const std::string& a = "A", const std::string& b = "B") {
  for (int i = 0; i < 10; ++i) {
    write_picture(folder, fmt::format("{}/{}.png", a, i), numbered(24, 40, 20 * i));
    write_picture(folder, fmt::format("{}/{}.png", b, i), numbered(24, 40, 20 * i + 1));
  }
}

Config paired(const ImageFolder& folder, const std::string& source = "auto") {
  Config config;
  config.game = "paired-translation";
  config.data.source = folder.string();
  config.pairs.source = source;
  return config;
}

int number_of(const at::Tensor& image) { return image[2][0][0].item<int>(); }

void expect_pairs(const Dataset& set, int from_a_to_b) {
  for (int64_t i = 0; i < set.size(); ++i) {
    const auto item = set.get(i, 5);
    EXPECT_EQ(number_of(item.image), number_of(item.source) + from_a_to_b) << set.name(i);
    EXPECT_TRUE(at::equal(item.image.narrow(0, 0, 2), item.source.narrow(0, 0, 2)));
  }
}

TEST(PairDatasetTest, FoldersAreMatchedByName) {
  const ImageFolder folder;
  write_pairs(folder);
  auto config = paired(folder);
  const auto data = open_data(config);
  EXPECT_EQ(data.shape, (ImageShape{3, 24, 40}));
  EXPECT_EQ(data.source_shape, (ImageShape{3, 24, 40}));
  EXPECT_EQ(data.training->size() + data.held_out->size(), 10);
  EXPECT_FALSE(data.training->varies());
  expect_pairs(*data.training, 1);
  expect_pairs(*data.held_out, 1);
  config.pairs.direction = "b2a";
  expect_pairs(*open_data(config).training, -1);
}

TEST(PairDatasetTest, OtherExtensionsAndTheFoldersOfUnpairedSetsMatchToo) {
  const ImageFolder folder;
  for (const char* name : {"x", "y", "deep/z"}) {
    write_picture(folder, fmt::format("trainA/{}.png", name), numbered(16, 16, 6));
    folder.write(fmt::format("trainB/{}.webp", name), encode_png(to_tensor(numbered(16, 16, 7))));
    write_picture(folder, fmt::format("testB/{}.png", name), numbered(16, 16, 99));
  }
  const auto data = open_data(paired(folder));
  EXPECT_EQ(data.training->size() + data.held_out->size(), 3);
  expect_pairs(*data.training, 1);
}

TEST(PairDatasetTest, HalvesOfAnImageAreAPair) {
  const ImageFolder folder;
  for (int i = 0; i < 4; ++i) write_picture(folder, fmt::format("{}.png", i), numbered(20, 40, i));
  const auto data = open_data(paired(folder));
  EXPECT_EQ(data.shape, (ImageShape{3, 20, 20}));
  const auto item = data.training->get(0, 1);
  EXPECT_EQ(item.source[0][0][0].item<int>(), 0);
  EXPECT_EQ(item.image[0][0][0].item<int>(), 20);
  write_picture(folder, "odd.png", numbered(20, 41, 1));
  auto config = paired(folder, "side-by-side");
  config.data.held_out = 0;
  const auto odd = open_data(config).training;
  try {
    odd->get(4, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("odd.png: is 20x41 (height x width), accepted: an even width"));
  }
}

TEST(PairDatasetTest, SidesMayHaveOtherChannels) {
  const ImageFolder folder;
  for (int i = 0; i < 3; ++i) {
    folder.write_image(fmt::format("A/{}.png", i), 16, 16, 90, /*channels=*/1);
    folder.write_image(fmt::format("B/{}.png", i), 16, 16, 90);
  }
  auto config = paired(folder);
  EXPECT_EQ(open_data(config).source_shape.channels, 1);
  EXPECT_EQ(open_data(config).shape.channels, 3);
  config.pairs.channels = 4;
  config.data.channels = 1;
  const auto item = open_data(config).training->get(0, 1);
  EXPECT_EQ(item.source.size(0), 4);
  EXPECT_EQ(item.image.size(0), 1);
}

TEST(PairDatasetTest, RandomPartsAreTheSameOnBothSides) {
  const ImageFolder folder;
  write_pairs(folder);
  auto config = paired(folder);
  config.data.size = {12, 20};
  config.pairs.enlarge = 2;  // the pictures' own size
  const auto enlarged = open_data(config);
  EXPECT_TRUE(enlarged.training->varies());
  config.pairs.enlarge = 1;
  config.data.fit = "tiles";
  const auto parts = open_data(config);
  EXPECT_EQ(parts.training->size() + parts.held_out->size(), 4 * 10);
  for (const auto& data : {enlarged, parts}) {
    std::set<int> lefts;
    for (uint64_t draw = 1; draw <= 200; ++draw) {
      const auto item = data.training->get(0, draw);
      EXPECT_TRUE(at::equal(item.image.narrow(0, 0, 2), item.source.narrow(0, 0, 2)));
      EXPECT_EQ(number_of(item.image), number_of(item.source) + 1);
      EXPECT_TRUE(at::equal(item.image, data.training->get(0, draw).image));
      lefts.insert(item.image[0][0][0].item<int>());
    }
    EXPECT_EQ(*lefts.begin(), 0);
    EXPECT_EQ(*lefts.rbegin(), 20);
  }
  // Whoever wants the same item each time gets the whole one: its last column is near the picture's.
  EXPECT_GT(enlarged.held_out->get(0, kFixedDraw).image[0][0][19].item<int>(), 36);
}

TEST(PairDatasetTest, FlipsAndPositionsHoldForBothSidesAndAfterASeek) {
  const ImageFolder folder;
  write_pairs(folder);
  auto config = paired(folder);
  config.data.size = {12, 20};
  config.pairs.enlarge = 1.5;
  const auto data = open_data(config);
  Batches batches(data.training, {.flip = true, .workers = 1});
  batches.next(7);
  const auto wanted = batches.next(8);
  Batches resumed(data.training, {.flip = true, .workers = 1});
  resumed.seek(7);
  const auto got = resumed.next(8);
  EXPECT_TRUE(at::equal(wanted.images, got.images));
  EXPECT_TRUE(at::equal(wanted.sources, got.sources));
  EXPECT_TRUE(at::equal(wanted.images.narrow(1, 0, 2), wanted.sources.narrow(1, 0, 2)));
  const auto slope = wanted.images.select(1, 0).select(1, 0);  // of red, along the first row
  const auto rises = slope.select(1, 19) > slope.select(1, 0);
  EXPECT_TRUE(rises.any().item<bool>());
  EXPECT_FALSE(rises.all().item<bool>());
}

TEST(PairDatasetTest, APartIsDerivedWithItsSurroundings) {
  const ImageFolder folder;
  Pixels picture(40, 48, 3);
  uint32_t number = 1;  // no part of the picture looks like another
  for (auto& value : picture.values) value = static_cast<uint8_t>((number = 1664525 * number + 1013904223) >> 24);
  for (const char* name : {"a.png", "b.png"}) write_picture(folder, name, picture);
  for (const char* kind : {"edges", "grey", "blur"}) {
    auto config = paired(folder, kind);
    config.data.size = {16, 16};
    config.data.fit = "tiles";
    const auto data = open_data(config);
    const auto whole = to_tensor(Derivation(config.pairs).apply(picture, ItemRandom(0)));
    const auto images = to_tensor(picture);
    EXPECT_EQ(data.source_shape.channels, std::string(kind) == "blur" ? 3 : 1);
    for (uint64_t draw = 1; draw <= 5; ++draw) {
      const auto item = data.training->get(0, draw);
      bool found = false;
      for (int64_t top = 0; top <= 24 && !found; ++top) {
        for (int64_t left = 0; left <= 32 && !found; ++left) {
          if (!at::equal(images.slice(1, top, top + 16).slice(2, left, left + 16), item.image)) continue;
          found = true;
          EXPECT_TRUE(at::equal(whole.slice(1, top, top + 16).slice(2, left, left + 16), item.source)) << kind;
        }
      }
      EXPECT_TRUE(found);
    }
  }
}

TEST(PairDatasetTest, ADerivedSideMayBeTheImage) {
  const ImageFolder folder;
  for (const char* name : {"a.png", "b.png"}) write_picture(folder, name, numbered(16, 16, 80));
  auto config = paired(folder, "grey");
  config.pairs.direction = "b2a";
  auto data = open_data(config);
  EXPECT_EQ(data.shape.channels, 1);
  EXPECT_EQ(data.source_shape.channels, 3);
  EXPECT_EQ(data.training->get(0, 1).image.size(0), 1);
  config.pairs.source = "mask";
  config.pairs.direction = "a2b";
  data = open_data(config);
  EXPECT_EQ(data.source_shape.channels, 4);
  EXPECT_TRUE(data.training->varies());
  EXPECT_FALSE(at::equal(data.training->get(0, 1).source, data.training->get(0, 2).source));
  EXPECT_TRUE(at::equal(data.training->get(0, 1).image, data.training->get(0, 2).image));
}

TEST(PairDatasetTest, WhatIsNoPairIsRefusedInOneLine) {
  const ImageFolder photos;
  for (int i = 0; i < 3; ++i) write_picture(photos, fmt::format("{}.png", i), numbered(16, 20, i));
  EXPECT_THAT(refusal(paired(photos)), HasSubstr("holds neither folders A and B nor images twice as wide as high"));
  EXPECT_THAT(refusal(paired(photos, "folders")), HasSubstr("holds no folders A and B"));

  const ImageFolder folder;
  write_pairs(folder);
  write_picture(folder, "A/alone.png", numbered(16, 16, 1));
  write_picture(folder, "B/other.png", numbered(16, 16, 1));
  EXPECT_THAT(refusal(paired(folder)), testing::EndsWith("2 of 22 images in A and B have no partner of the same name: "
                                                         "A/alone.png, B/other.png; accepted: one for each"));
  std::filesystem::remove_all(folder / "B");
  EXPECT_THAT(refusal(paired(folder)), HasSubstr("holds images in A and none in B"));
  std::filesystem::create_directory(folder / "B");
  EXPECT_THAT(refusal(paired(folder)), HasSubstr("holds images in A and none in B"));

  const ImageFolder unequal;
  write_pairs(unequal);
  write_picture(unequal, "B/3.png", numbered(24, 39, 1));
  EXPECT_THAT(
      refusal(paired(unequal)),
      HasSubstr("1 of 10 pairs differ in size, the first A/3.png and B/3.png (24x40 and 24x39, height x width)"));

  Config points = paired(photos);
  points.data.source = "synthetic:ring8";
  EXPECT_THAT(refusal(points), HasSubstr("holds points, accepted: images"));
}

TEST(PairsTest, AreReportedWithWhatDoesNotFit) {
  const ImageFolder folder;
  write_pairs(folder);
  write_picture(folder, "A/alone.png", numbered(16, 16, 1));
  write_picture(folder, "B/3.png", numbered(24, 39, 1));
  DataOptions options;
  options.source = folder.string();
  const auto report = report_pairs(open_source(options));
  EXPECT_EQ(report.pairs, 10);
  ASSERT_EQ(report.alone.size(), 1u);
  EXPECT_EQ(report.alone[0].name, "A/alone.png");
  ASSERT_EQ(report.unequal.size(), 1u);
  EXPECT_EQ(report.unequal[0].detail, "24x40 and 24x39");
}

TEST(PairsTest, AFolderHoldsPairsWhereAllNamesMatch) {
  const ImageFolder folder;
  write_pairs(folder);
  EXPECT_TRUE(holds_pairs(folder.string()));
  write_picture(folder, "C/1.png", numbered(16, 16, 1));
  EXPECT_FALSE(holds_pairs(folder.string()));  // a class of its own
  std::filesystem::remove_all(folder / "C");
  write_picture(folder, "A/alone.png", numbered(16, 16, 1));
  EXPECT_FALSE(holds_pairs(folder.string()));
  EXPECT_FALSE(holds_pairs("synthetic:shapes"));
  EXPECT_FALSE(holds_pairs((folder / "nothing").string()));
}

}  // namespace
}  // namespace forger
