#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>

#include "core/torch.h"
#include "data/batches.h"
#include "data/doctor.h"
#include "data/image_folder.h"
#include "data/open.h"
#include "data/refused_opening.h"
#include "forger/error.h"
#include "image/golden_pixels.h"

namespace forger {
namespace {

using testing::HasSubstr;

constexpr int kKinds = 5;

/// Kinds in squares of three pixels, and an image that has 50 times their numbers in its first channel.
void write_map(const ImageFolder& folder, int number, int kinds = kKinds) {
  Pixels map(24, 36, 1), image(24, 36, 3);
  for (int64_t y = 0; y < 24; ++y) {
    for (int64_t x = 0; x < 36; ++x) {
      const auto kind = (number + y / 3 + 2 * (x / 3)) % kinds;
      map.row(y)[x] = static_cast<uint8_t>(kind);
      image.row(y)[3 * x] = static_cast<uint8_t>(50 * kind);
    }
  }
  folder.write(fmt::format("A/{}.png", number), encode_png(to_tensor(map)));
  folder.write(fmt::format("B/{}.png", number), encode_png(to_tensor(image)));
}

Config of_maps(const ImageFolder& folder) {
  Config config;
  config.game = "paired-translation";
  config.data.source = folder.string();
  config.pairs.kinds = kKinds;
  return config;
}

std::set<int> numbers_in(const at::Tensor& map) {
  const auto values = map.contiguous().flatten();
  return {values.const_data_ptr<uint8_t>(), values.const_data_ptr<uint8_t>() + values.numel()};
}

TEST(LabelMapDataTest, KindsStayWhereTheImageHasThem) {
  const ImageFolder folder;
  for (int i = 0; i < 6; ++i) write_map(folder, i);
  auto config = of_maps(folder);
  const auto data = open_data(config);
  EXPECT_EQ(data.source_shape, (ImageShape{1, 24, 36}));
  EXPECT_EQ(data.shape, (ImageShape{3, 24, 36}));
  EXPECT_THAT(data.notices.back(), HasSubstr("label maps of 5 kinds"));
  const auto item = data.training->get(0, 1);
  EXPECT_TRUE(at::equal(item.source * 50, item.image.narrow(0, 0, 1)));

  config.data.fit = "tiles";
  config.data.size = {9, 12};
  const BatchOptions options{.flip = true, .workers = 1};
  Batches parts(open_data(config).training, options);
  const auto batch = parts.next(8);  // random parts, some of them mirrored
  const auto kinds = ((batch.sources + 1) * 127.5).round(), reds = ((batch.images.narrow(1, 0, 1) + 1) * 127.5).round();
  EXPECT_TRUE(at::equal(kinds * 50, reds));
}

TEST(LabelMapDataTest, ResizingMixesNoKinds) {
  const ImageFolder folder;
  for (int i = 0; i < 6; ++i) write_map(folder, 4 * i, /*kinds=*/5);
  auto config = of_maps(folder);
  for (const char* fit : {"crop", "pad", "stretch"}) {
    config.data.fit = fit;
    config.data.size = {17, 11};
    config.pairs.enlarge = 1.4;
    const auto data = open_data(config);
    for (uint64_t draw = 0; draw < 4; ++draw) {
      const auto map = data.training->get(0, draw).source;
      EXPECT_EQ(map.sizes(), at::IntArrayRef({1, 17, 11}));
      EXPECT_LT(*numbers_in(map).rbegin(), kKinds) << fit;
    }
  }
}

TEST(LabelMapDataTest, EitherSideMayBeTheMaps) {
  const ImageFolder folder;
  for (int i = 0; i < 6; ++i) write_map(folder, i);
  auto config = of_maps(folder);
  config.pairs.direction = "b2a";
  EXPECT_THAT(refusal(config), HasSubstr(".png: is a PNG of RGB pixels, accepted: a label map"));
  std::filesystem::rename(folder / "A", folder / "C");
  std::filesystem::rename(folder / "B", folder / "A");
  std::filesystem::rename(folder / "C", folder / "B");
  EXPECT_EQ(refusal(config), "");
}

TEST(LabelMapDataTest, ANumberBeyondTheKindsIsNamedWithItsFile) {
  const ImageFolder folder;
  for (int i = 0; i < 6; ++i) write_map(folder, i);
  auto config = of_maps(folder);
  config.pairs.kinds = 4;
  EXPECT_EQ(refusal(config), "A/0.png: holds the number 4, accepted: a label map of 4 kinds, 0 to 3");
  config.pairs.kinds = 1;
  EXPECT_THAT(refusal(config), HasSubstr("pairs.kinds: received 1"));
  config.pairs.kinds = kKinds;
  for (const char* source : {"side-by-side", "edges"}) {
    config.pairs.source = source;
    EXPECT_THAT(refusal(config), HasSubstr("pairs.source: received"));
  }
  config.game = "unpaired-translation";
  config.pairs.source = "auto";
  EXPECT_THAT(refusal(config), HasSubstr("pairs.kinds: received 5 with game = \"unpaired-translation\", accepted: 0"));
}

TEST(LabelMapDataTest, TheDoctorNamesTheNumbersThatAreStored) {
  const ImageFolder folder;
  for (int i = 0; i < 6; ++i) write_map(folder, i);
  folder.write("A/last.png", golden_file("map_palette4.png"));
  folder.write("B/last.png", golden_file("rgb.png"));
  folder.write("A/deep.png", golden_file("map_grey16.png"));
  DataOptions options;
  options.source = folder.string();
  const auto numbers = check_data(options).numbers;
  ASSERT_EQ(numbers.size(), 1u) << "B holds colours";
  EXPECT_EQ(numbers.at("A"), (std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
}

}  // namespace
}  // namespace forger
