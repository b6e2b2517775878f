#include "data/unpaired_dataset.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "core/torch.h"
#include "data/batches.h"
#include "data/doctor.h"
#include "data/image_folder.h"
#include "data/open.h"
#include "data/refused_opening.h"
#include "data/sides.h"
#include "forger/error.h"

namespace forger {
namespace {

using testing::HasSubstr;

/// Images of one level, by which they are known: A's from 10 on, B's from 110 on.
void write_sides(const ImageFolder& folder, int of_a, int of_b, const std::string& a = "trainA",
                 const std::string& b = "trainB") {
  for (int i = 0; i < of_a; ++i)
    folder.write_image(fmt::format("{}/a{}.png", a, i), 16, 24, static_cast<uint8_t>(10 + i), 1);
  for (int i = 0; i < of_b; ++i)
    folder.write_image(fmt::format("{}/b{}.png", b, i), 16, 24, static_cast<uint8_t>(110 + i));
}

Config unpaired(const ImageFolder& folder) {
  Config config;
  config.game = "unpaired-translation";
  config.data.source = folder.string();
  return config;
}

int level_of(const at::Tensor& image) { return image[0][5][5].item<int>(); }

TEST(UnpairedDatasetTest, TurnedRoundSourcesAreTheImages) {
  const ImageFolder folder;
  write_sides(folder, 12, 30);
  const auto data = open_data(unpaired(folder));
  const auto turned = data.training->turned_round(), held_out = data.held_out->turned_round();
  EXPECT_EQ(turned->size() + held_out->size(), 12);
  for (int64_t i = 0; i < turned->size(); ++i) {
    const auto item = turned->get(i, kFixedDraw);
    EXPECT_EQ(item.image.sizes(), (at::IntArrayRef{1, 16, 24}));
    EXPECT_LT(level_of(item.image), 110);
    EXPECT_GE(level_of(item.source), 110);
  }
  EXPECT_EQ(turned->turned_round()->size(), data.training->size());
}

TEST(UnpairedDatasetTest, SidesHaveTheirOwnNumbersAndChannels) {
  const ImageFolder folder;
  write_sides(folder, 12, 30);
  folder.write_image("testA/a.png", 16, 24, 200, 1);
  auto config = unpaired(folder);
  auto data = open_data(config);
  EXPECT_EQ(data.shape, (ImageShape{3, 16, 24}));
  EXPECT_EQ(data.source_shape, (ImageShape{1, 16, 24}));
  EXPECT_EQ(data.training->size() + data.held_out->size(), 30);
  std::map<int, std::set<int>> seen;  // sources beside an image
  for (int64_t i = 0; i < data.training->size(); ++i) {
    for (uint64_t draw = 1; draw <= 5; ++draw) {
      const auto item = data.training->get(i, draw);
      EXPECT_GE(level_of(item.image), 110);
      EXPECT_LT(level_of(item.source), 22);
      seen[level_of(item.image)].insert(level_of(item.source));
    }
  }
  EXPECT_GT(seen.begin()->second.size(), 1u);
  config.pairs.direction = "b2a";
  data = open_data(config);
  EXPECT_EQ(data.shape.channels, 1);
  EXPECT_EQ(data.training->size() + data.held_out->size(), 12);
}

TEST(UnpairedDatasetTest, HeldOutImagesOfBothSidesAreNeverTrainedOn) {
  const ImageFolder folder;
  write_sides(folder, 40, 60, "A", "B");
  auto config = unpaired(folder);
  config.data.held_out = 0.3;
  const auto data = open_data(config);
  std::set<int> trained, held;
  for (const auto& [set, levels] : {std::pair(data.training, &trained), std::pair(data.held_out, &held)}) {
    for (int64_t i = 0; i < set->size(); ++i) {
      for (uint64_t draw = 0; draw < 8; ++draw) {
        const auto item = set->get(i, draw);
        levels->insert({level_of(item.image), level_of(item.source)});
      }
    }
  }
  for (const int level : held) EXPECT_FALSE(trained.contains(level)) << level;
  EXPECT_EQ(trained.size() + held.size(), 100u);
  EXPECT_GT(held.size(), 15u);
}

TEST(UnpairedDatasetTest, WhatStandsBesideAnImageFollowsFromSeedAndPosition) {
  const ImageFolder folder;
  write_sides(folder, 9, 7);
  auto config = unpaired(folder);
  config.pairs.enlarge = 1.5;
  const auto data = open_data(config);
  Batches whole(data.training, {.seed = 3}), stopped(data.training, {.seed = 3});
  for (int i = 0; i < 3; ++i) whole.next(4);
  stopped.seek(12);
  const auto one = whole.next(4), other = stopped.next(4);
  EXPECT_EQ(one.images.sizes(), at::IntArrayRef({4, 3, 16, 24}));
  EXPECT_TRUE(at::equal(one.images, other.images));
  EXPECT_TRUE(at::equal(one.sources, other.sources));
}

TEST(UnpairedDatasetTest, ATruthIsNeverShown) {
  const ImageFolder folder;
  for (int i = 0; i < 30; ++i) folder.write_image(fmt::format("{}.png", i), 16, 16, static_cast<uint8_t>(8 * i));
  auto config = unpaired(folder);
  config.pairs.source = "grey";
  const auto data = open_data(config);
  EXPECT_EQ(data.source_shape.channels, 1);
  EXPECT_THAT(data.notices.back(), HasSubstr("sides: A is made of images (grey); "));
  std::set<int> images, sources;
  for (const auto& set : {data.training, data.held_out}) {
    for (int64_t i = 0; i < set->size(); ++i) {
      for (uint64_t draw = 0; draw < 20; ++draw) {
        const auto item = set->get(i, draw);
        images.insert(level_of(item.image));
        sources.insert(level_of(item.source));
      }
    }
  }
  EXPECT_GT(images.size(), 8u);
  EXPECT_GT(sources.size(), 8u);
  for (const int level : images) EXPECT_FALSE(sources.contains(level)) << level;
}

TEST(UnpairedDatasetTest, HalvesOfAnImageAreNotBothShown) {
  const ImageFolder folder;
  for (int i = 0; i < 20; ++i) folder.write_image(fmt::format("{}.png", i), 16, 32, static_cast<uint8_t>(12 * i));
  auto config = unpaired(folder);
  config.pairs.source = "side-by-side";
  config.data.held_out = 0;
  const auto data = open_data(config);
  EXPECT_EQ(data.shape, (ImageShape{3, 16, 16}));
  std::set<int> images, sources;
  for (int64_t i = 0; i < data.training->size(); ++i) {
    for (uint64_t draw = 0; draw < 20; ++draw) {
      const auto item = data.training->get(i, draw);
      images.insert(level_of(item.image));
      sources.insert(level_of(item.source));
    }
  }
  EXPECT_EQ(images.size() + sources.size(), 20u);
}

TEST(UnpairedDatasetTest, ClassesAreSides) {
  const ImageFolder folder;
  int level = 0;
  for (const char* name : {"cat", "deer", "horse"}) {
    for (int i = 0; i < 6; ++i)
      folder.write_image(fmt::format("{}/{}.png", name, i), 16, 16, static_cast<uint8_t>(++level));
  }
  auto config = unpaired(folder);
  config.set("pairs.classes_a", "[2]");
  config.set("pairs.classes_b", "[1]");
  const auto data = open_data(config);
  EXPECT_THAT(data.notices.back(), HasSubstr("6 images of class horse and 6 of class deer"));
  for (int64_t i = 0; i < data.training->size(); ++i) {
    const auto item = data.training->get(i, 7);
    EXPECT_TRUE(level_of(item.image) > 6 && level_of(item.image) <= 12);
    EXPECT_GT(level_of(item.source), 12);
  }
  config.pairs.classes_b = {2};
  EXPECT_THAT(refusal(config), HasSubstr("pairs.classes_b: received 2, which is in pairs.classes_a, too"));
  config.pairs.classes_b = {};
  EXPECT_THAT(refusal(config), HasSubstr("pairs.classes_b: received no class"));
  config.pairs.classes_b = {3};
  EXPECT_THAT(refusal(config), HasSubstr("pairs.classes_b: received 3, accepted: 0 to 2"));
  config.pairs.source = "grey";
  EXPECT_THAT(refusal(config), HasSubstr("pairs.source: received grey with game"));
  config.data.classes = {1};
  EXPECT_THAT(refusal(config), HasSubstr("data.classes: received classes with game = \"unpaired-translation\""));
}

TEST(UnpairedDatasetTest, AnUnreadableSourceIsReplacedAndNamed) {
  const ImageFolder folder;
  write_sides(folder, 5, 5);
  folder.write("trainA/broken.png", "no image");
  auto config = unpaired(folder);
  config.data.held_out = 0;
  config.data.max_bad = 0.5;
  const auto data = open_data(config);
  Batches batches(data.training, {.max_bad = 0.5, .seed = 1});
  std::vector<std::string> named;
  for (int i = 0; i < 20; ++i) {
    batches.next(5);
    for (auto& name : batches.take_bad_images()) named.push_back(std::move(name));
  }
  ASSERT_EQ(named.size(), 1u);
  EXPECT_THAT(named[0], HasSubstr("trainA/broken.png: "));
  config.data.max_bad = 0.01;
  const auto strict = open_data(config);
  Batches refuses(strict.training, {.seed = 1});
  EXPECT_THROW(
      {
        for (int i = 0; i < 40; ++i) refuses.next(5);
      },
      Error);
}

TEST(UnpairedDatasetTest, AnEmptySideIsRefused) {
  const ImageFolder folder;
  write_sides(folder, 3, 0);
  EXPECT_THAT(refusal(unpaired(folder)), HasSubstr("holds images in trainA and none in trainB"));
  const ImageFolder others;
  others.write_image("one.png", 16, 16, 3);
  others.write_image("two.png", 16, 16, 3);
  EXPECT_THAT(refusal(unpaired(others)), HasSubstr("holds no folders trainA and trainB, or A and B"));
}

TEST(UnpairedDatasetTest, TheDoctorCountsSides) {
  const ImageFolder folder;
  write_sides(folder, 3, 4);
  DataOptions options;
  options.source = folder.string();
  const auto report = check_data(options);
  EXPECT_EQ(report.sides.name_a, "trainA");
  EXPECT_EQ(report.sides.a, 3);
  EXPECT_EQ(report.sides.b, 4);
  EXPECT_EQ(report.pairs.pairs, 0);
  EXPECT_TRUE(holds_sides(folder.string()));
}

}  // namespace
}  // namespace forger
