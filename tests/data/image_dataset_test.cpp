#include "data/image_dataset.h"

#include <gtest/gtest.h>

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
  const auto first = data.training->get(0).pixels, second = data.training->get(1).pixels;
  EXPECT_EQ(first.sizes(), (std::vector<int64_t>{3, 32, 32}));
  EXPECT_NE(first[0][0][0].item<int>(), first[0][0][1].item<int>());
  EXPECT_EQ(second[0][0][0].item<int>(), second[0][0][1].item<int>());
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
    data.training->get(0);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("a.png: is 16x64 (height x width), smaller than a tile of 32x32"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace forger
