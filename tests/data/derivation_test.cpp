#include "data/derivation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "core/torch.h"
#include "image/image_file.h"

namespace forger {
namespace {

PairsOptions of_kind(const std::string& source) {
  PairsOptions options;
  options.source = source;
  return options;
}

/// Black, and from a column on of one level.
Pixels step_at(int64_t column, uint8_t level) {
  Pixels image(16, 20, 1);
  for (int64_t y = 0; y < image.height; ++y) std::fill(image.row(y) + column, image.row(y) + image.width, level);
  return image;
}

TEST(DerivationTest, AStepIsOneDarkLineAtItsBrighterSide) {
  const auto edges = edges_of(step_at(9, 200), 10);
  ASSERT_EQ(edges.channels, 1);
  for (int64_t y = 0; y < edges.height; ++y) {
    for (int64_t x = 0; x < edges.width; ++x) EXPECT_EQ(edges.row(y)[x], x == 9 ? 0 : 255) << y << " " << x;
  }
}

TEST(DerivationTest, StepsOfALesserSlopeAreNoEdges) {
  // After a Gaussian of deviation 1 with seven weights, the central difference at a step of height h is
  // h (1 + exp(-1/2)) / (2 sum), where sum = 1 + 2 exp(-1/2) + 2 exp(-2) + 2 exp(-9/2): 32.054 of 100 levels.
  const auto drawn = [](double least) {
    const auto edges = edges_of(step_at(9, 100), least);
    return std::count(edges.values.begin(), edges.values.end(), 0);
  };
  EXPECT_EQ(drawn(31.9), 16);
  EXPECT_EQ(drawn(32.2), 0);
  const auto flat = edges_of(step_at(0, 77), 0);
  EXPECT_EQ(std::count(flat.values.begin(), flat.values.end(), 255), 16 * 20);
}

TEST(DerivationTest, GreyIsTheLumaAndBlurKeepsTheMean) {
  Pixels image(9, 9, 3);
  image.row(4)[3 * 4] = 255;  // one red pixel
  const ItemRandom random(1);
  EXPECT_EQ(Derivation(of_kind("grey")).apply(image, random).row(4)[4], 76);  // 0.299 * 255
  auto options = of_kind("blur");
  options.blur = 1;
  const auto blurred = Derivation(options).apply(image, random);
  ASSERT_EQ(blurred.channels, 3);
  // The middle has (1 / sum)^2 of the light, with the sum of above.
  EXPECT_NEAR(blurred.row(4)[3 * 4], 255 / (2.50595 * 2.50595), 1);
  EXPECT_EQ(blurred.row(4)[3 * 4 + 1], 0);
  EXPECT_EQ(blurred.row(4)[3 * 3], blurred.row(3)[3 * 4]);
}

TEST(DerivationTest, AMaskIsASeeThroughRectangleThatFollowsFromTheDraw) {
  Pixels image(32, 40, 3);
  std::fill(image.values.begin(), image.values.end(), uint8_t{90});
  const Derivation derivation(of_kind("mask"));
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto masked = derivation.apply(image, ItemRandom(seed));
    ASSERT_EQ(masked.channels, 4);
    EXPECT_EQ(masked.values, derivation.apply(image, ItemRandom(seed)).values);
    const auto alpha = to_tensor(masked)[3];
    const auto hole = alpha.eq(0).nonzero();
    const auto [low, high] = hole.aminmax(0);
    const auto sides = high - low + 1;
    const int64_t rows = sides[0].item<int64_t>(), columns = sides[1].item<int64_t>();
    EXPECT_EQ(rows * columns, hole.size(0)) << seed;
    EXPECT_GE(rows, 8);
    EXPECT_LE(rows, 16);
    EXPECT_GE(columns, 10);
    EXPECT_LE(columns, 20);
    EXPECT_TRUE(to_tensor(masked).narrow(0, 0, 3).eq(90).logical_or(alpha.eq(0)).all().item<bool>());
    seen.insert(std::to_string(low[0].item<int64_t>()) + " " + std::to_string(low[1].item<int64_t>()));
  }
  EXPECT_GT(seen.size(), 10u);
}

}  // namespace
}  // namespace forger
