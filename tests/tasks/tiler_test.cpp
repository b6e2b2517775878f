#include "tasks/tiler.h"

#include <gmock/gmock.h>

#include <cstring>

#include "core/random.h"
#include "core/torch.h"
#include "forger/error.h"

namespace forger {
namespace {

/// What was told of an image, put together.
struct Told {
  std::vector<float> made;
  std::vector<uint8_t> image;
  double highest = 0;
  int64_t tiles = 0;
};

class Collector : public Tiler::Reporter {
 public:
  Collector(Told& told, int64_t image_row, int64_t made_row)
      : told_(told), image_row_(image_row), made_row_(made_row) {}
  void row(const uint8_t* image, const float* made) override {
    told_.image.insert(told_.image.end(), image, image + image_row_);
    told_.made.insert(told_.made.end(), made, made + made_row_);
  }
  void done(double highest, int64_t tiles) override {
    told_.highest = highest;
    told_.tiles = tiles;
  }

 private:
  Told& told_;
  int64_t image_row_, made_row_;
};

at::Tensor noise(int64_t height, int64_t width, uint64_t seed = 1) {
  auto random = make_random(seed);
  return at::empty({height, width, 3}, at::kByte).random_(0, 256, random);
}

Pixels pixels_of(const at::Tensor& image) {
  Pixels pixels(image.size(0), image.size(1), image.size(2));
  std::copy_n(image.const_data_ptr<uint8_t>(), image.numel(), pixels.values.begin());
  return pixels;
}

/// What the tiler makes of an image `[H, W, 3]`, as `[K, scale * H, scale * W]`.
at::Tensor in_tiles(const Tiling& tiling, const Tiler::Make& make, const at::Tensor& image, int64_t planes) {
  Tiler tiler(tiling, make);
  Told told;
  const int64_t scale = tiling.rule.scale, height = image.size(0), width = image.size(1);
  tiler.add(*rows_of(pixels_of(image), "noise"),
            std::make_unique<Collector>(told, 3 * width, scale * scale * width * planes));
  tiler.finish();
  EXPECT_TRUE(at::equal(at::tensor(told.image, at::kByte).view(image.sizes()), image));
  return at::tensor(told.made).view({scale * height, scale * width, planes}).permute({2, 0, 1});
}

at::Tensor batch_of(const at::Tensor& image) { return image.permute({2, 0, 1}).unsqueeze(0); }

TEST(TilerTest, HiddenSeamsGiveWhatTheNetworkMakesOfTheWholeImage) {
  auto random = make_random(7);
  const auto first = at::empty({4, 3, 3, 3}).normal_(0, 0.2, random),
             second = at::empty({2, 4, 3, 3}).normal_(0, 0.2, random);
  const auto network = [&](const at::Tensor& tiles) -> Tiler::Made {
    const auto grid = at::relu(at::conv2d(tiles.to(at::kFloat) / 255, first, {}, 1, 1));
    return {at::upsample_nearest2d(at::conv2d(grid, second, {}, 1, 1), {2 * tiles.size(2), 2 * tiles.size(3)})};
  };
  Tiling tiling{.height_px = 16, .width_px = 12, .seams = Tiling::Seams::hidden};
  tiling.rule = {.scale = 2, .multiple_px = 1, .halo_px = 2};
  for (const auto& [height, width] : {std::pair(50, 37), std::pair(16, 12), std::pair(17, 100), std::pair(9, 40)}) {
    const auto image = noise(height, width);
    const auto whole = network(batch_of(image)).images[0];
    EXPECT_TRUE(at::allclose(in_tiles(tiling, network, image, 2), whole, 1e-5, 1e-5)) << height << "x" << width;
  }
}

TEST(TilerTest, TilesBeginOnTheGridOfANetworkThatHalvesSides) {
  const auto network = [](const at::Tensor& tiles) -> Tiler::Made {
    const int64_t height = tiles.size(2), width = tiles.size(3), bottom = (4 - height % 4) % 4,
                  right = (4 - width % 4) % 4;
    const auto whole = at::replication_pad2d(tiles.to(at::kFloat), {0, right, 0, bottom});
    const auto made = at::upsample_nearest2d(at::avg_pool2d(whole, 4), {height + bottom, width + right});
    return {made.narrow(2, 0, height).narrow(3, 0, width)};
  };
  Tiling tiling{.height_px = 16, .width_px = 16, .seams = Tiling::Seams::hidden};
  tiling.rule = {.scale = 1, .multiple_px = 4, .halo_px = 4};
  const auto image = noise(40, 52);
  EXPECT_TRUE(at::allclose(in_tiles(tiling, network, image, 3), network(batch_of(image)).images[0]));
  // Only the last tiles have sides that are no multiples, as the whole has.
  const auto odd = noise(41, 50);
  EXPECT_TRUE(at::allclose(in_tiles(tiling, network, odd, 3), network(batch_of(odd)).images[0]));
}

TEST(TilerTest, BlendedTilesGiveASmoothImageBackAndHideWhatANetworkMakesOfTheirEdges) {
  // Each tile is darker in its outermost four pixels, and off by its number elsewhere.
  int64_t number = 0, widest = 0;
  const auto network = [&](const at::Tensor& tiles) -> Tiler::Made {
    auto made = tiles.to(at::kFloat).add(100);
    const int64_t height = tiles.size(2), width = tiles.size(3);
    widest = std::max(widest, width);
    made.narrow(2, 4, height - 8).narrow(3, 4, width - 8).sub_(100).add_(static_cast<double>(number++ % 2));
    return {made};
  };
  const Tiling tiling{
      .height_px = 40, .width_px = 40, .seams = Tiling::Seams::blended, .margin_px = 8, .tiles_at_once = 1};
  const auto image = at::zeros({30, 200, 3}, at::kByte);
  const auto inner = in_tiles(tiling, network, image, 3)[0][15].narrow(0, 4, 192);
  EXPECT_LE(widest, 40);
  EXPECT_GT(number, 4);
  EXPECT_GE(inner.min().item<float>(), 0);
  EXPECT_LE(inner.max().item<float>(), 1.001);
  EXPECT_LE(inner.diff().abs().max().item<float>(), 1.0 / 8 + 0.001);  // it fades over eight pixels
}

TEST(TilerTest, ImagesOfTwoBytesAValueComeAsTheyAre) {
  Pixels bytes(9, 7, 2 * 3);
  const auto values = at::empty({9, 7, 3}, at::kInt).random_(0, 65536, make_random(3));
  for (size_t i = 0; i < 9 * 7 * 3; ++i) {
    const auto value = static_cast<uint16_t>(values.const_data_ptr<int32_t>()[i]);
    std::memcpy(bytes.values.data() + 2 * i, &value, 2);
  }
  class DeepRows : public RowReader {
   public:
    explicit DeepRows(const Pixels& bytes) : RowReader("deep", 9, 7, 3, 2), bytes_(bytes) {}

   protected:
    void read_next(uint8_t* rows, int64_t count) override {
      std::copy_n(bytes_.row(next_), count * row_bytes(), rows);
      next_ += count;
    }

   private:
    const Pixels& bytes_;
    int64_t next_ = 0;
  } rows(bytes);
  Told told;
  Tiler tiler({.height_px = 4, .width_px = 4, .seams = Tiling::Seams::hidden},
              [](const at::Tensor& tiles) -> Tiler::Made { return {tiles.to(at::kFloat)}; });
  EXPECT_EQ(tiler.tiles_of(9, 7), 3 * 2);
  tiler.add(rows, std::make_unique<Collector>(told, 2 * 3 * 7, 3 * 7));
  tiler.finish();
  EXPECT_EQ(told.tiles, 6);
  EXPECT_TRUE(at::equal(at::tensor(told.made).view({9, 7, 3}), values.to(at::kFloat)));
}

TEST(TilerTest, FeatheredTilesFadeIntoEachOther) {
  // Each tile says its number: between two of them, what is told lies between their numbers.
  int64_t number = 0;
  const auto network = [&](const at::Tensor& tiles) -> Tiler::Made {
    auto made = at::empty({tiles.size(0), 1, tiles.size(2), tiles.size(3)});
    for (int64_t i = 0; i < tiles.size(0); ++i) made[i].fill_(static_cast<double>(number++));
    return {made};
  };
  const auto made = in_tiles({.height_px = 8, .width_px = 8}, network, noise(8, 12), 1)[0];
  EXPECT_EQ(number, 2);
  EXPECT_EQ(made[3][0].item<float>(), 0);
  EXPECT_EQ(made[3][11].item<float>(), 1);
  for (int64_t x = 4; x < 9; ++x) EXPECT_LT(made[3][x - 1].item<float>(), made[3][x].item<float>()) << x;
}

TEST(TilerTest, ImagesOfManySizesAreToldOneByOneWithTheirHighestScore) {
  Tiling tiling{.height_px = 8, .width_px = 8, .tiles_at_once = 3};
  int64_t most = 0;
  Tiler tiler(tiling, [&](const at::Tensor& tiles) -> Tiler::Made {
    most = std::max(most, tiles.size(0));
    const auto floats = tiles.to(at::kFloat);
    return {floats.narrow(1, 0, 1), floats.amax({1, 2, 3}).to(at::kDouble)};
  });
  const std::vector<std::pair<int64_t, int64_t>> sizes = {{8, 8}, {20, 9}, {5, 8}, {8, 8}, {3, 2}};
  std::vector<Told> told(sizes.size());
  for (size_t i = 0; i < sizes.size(); ++i) {
    const auto [height, width] = sizes[i];
    const auto image = at::full({height, width, 3}, static_cast<int64_t>(10 * i), at::kByte);
    tiler.add(*rows_of(pixels_of(image), "flat"), std::make_unique<Collector>(told[i], 3 * width, width));
  }
  tiler.finish();
  EXPECT_EQ(most, 3);
  for (size_t i = 0; i < sizes.size(); ++i) {
    EXPECT_EQ(static_cast<int64_t>(told[i].made.size()), sizes[i].first * sizes[i].second);
    EXPECT_THAT(told[i].made, testing::Each(testing::FloatNear(static_cast<float>(10 * i), 1e-4F)));
    EXPECT_EQ(told[i].highest, 10.0 * static_cast<double>(i));
  }
  EXPECT_EQ(told[1].tiles, 4 * 2);
}

}  // namespace
}  // namespace forger
