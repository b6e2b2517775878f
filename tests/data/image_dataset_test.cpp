#include "data/image_dataset.h"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>

#include "data/batches.h"
#include "data/image_folder.h"
#include "data/open.h"
#include "forger/error.h"

namespace forger {
namespace {

TEST(TilesOfDataTest, AnImageBecomesItsTilesAndTheSplitIsByImage) {
  const ImageFolder folder;
  for (int i = 0; i < 10; ++i) folder.write_image(std::to_string(i) + ".png", 32, 48, static_cast<uint8_t>(10 * i));
  DataOptions options;
  options.source = folder.string();
  options.size = {32, 32};
  options.fit = "tiles";
  const auto data = open_data(options);
  EXPECT_EQ(data.training->size(), 9 * 2);
  EXPECT_EQ(data.held_out->size(), 1 * 2);
  const auto held = data.held_out->name(0).substr(0, 5);
  for (int64_t i = 0; i < data.training->size(); ++i) EXPECT_NE(data.training->name(i).substr(0, 5), held);
  EXPECT_EQ(data.training->name(1).substr(5), " at 16,0");
  // The odd pixel of an image stands in its first tile only.
  const auto first = data.training->get(0, kFixedDraw).image, second = data.training->get(1, kFixedDraw).image;
  EXPECT_EQ(first.sizes(), (std::vector<int64_t>{3, 32, 32}));
  EXPECT_NE(first[0][0][0].item<int>(), first[0][0][1].item<int>());
  EXPECT_EQ(second[0][0][0].item<int>(), second[0][0][1].item<int>());
}

/// Grey pictures of 64 x 64, which counts how often one is decoded.
class CountedSource : public Source {
 public:
  explicit CountedSource(int64_t size) : size_(size) {}
  std::string kind() const override { return "pictures"; }
  int64_t size() const override { return size_; }
  std::string name(int64_t index) const override { return std::to_string(index); }
  int64_t label(int64_t) const override { return -1; }
  std::vector<std::string> class_names() const override { return {}; }
  ImageInfo info(int64_t) const override {
    ImageInfo info;
    info.height = info.width = 64;
    info.channels = 1;
    return info;
  }
  Pixels decode(int64_t, const DecodeGoal&) const override {
    ++decoded;
    return Pixels(64, 64, 1);
  }
  mutable std::atomic<int64_t> decoded{0};

 private:
  int64_t size_;
};

TEST(TilesOfDataTest, InARandomOrderAPictureIsDecodedOnceAnEpochWhereFewFitTheCache) {
  const auto source = std::make_shared<CountedSource>(40);
  std::vector<int64_t> indices(40);
  std::iota(indices.begin(), indices.end(), int64_t{0});
  const int64_t eight_pictures = 8 * 64 * 64;
  const auto tiles = std::make_shared<ImageDataset>(source, indices, std::vector<int64_t>{}, ImageShape{1, 16, 16},
                                                    Fit::tiles, Levels{}, eight_pictures);
  ASSERT_EQ(tiles->size(), 40 * 49);
  Batches batches(tiles, {.cache_bytes = eight_pictures, .workers = 2});
  for (int64_t i = 0; i < 2 * 40 * 49 / 56; ++i) batches.next(56);
  // Counted from the start, what readers decode before the first batch is asked for is in it.
  EXPECT_GE(source->decoded.load(), 2 * 40 - 1);
  // The first one for its shape, twice, those read ahead into the third epoch, and a few too late for a slow thread.
  EXPECT_LE(source->decoded.load(), 1 + 2 * 40 + 20);
}

TEST(TilesOfDataTest, AnImageSmallerThanATileIsNamed) {
  const ImageFolder folder;
  folder.write_image("a.png", 16, 64, 10);
  folder.write_image("b.png", 64, 64, 10);
  DataOptions options;
  options.source = folder.string();
  options.size = {32, 32};
  options.fit = "tiles";
  options.held_out = 0;
  const auto data = open_data(options);
  try {
    data.training->get(0, kFixedDraw);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("a.png: is 16x64 (height x width), smaller than a tile of 32x32"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace forger
