#include "data/degradation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

namespace forger {
namespace {

/// Smooth, with an edge.
Pixels some_picture(int64_t side) {
  Pixels image(side, side, 3);
  for (int64_t y = 0; y < side; ++y) {
    for (int64_t x = 0; x < side; ++x) {
      for (int64_t c = 0; c < 3; ++c)
        image.row(y)[3 * x + c] = static_cast<uint8_t>(x < side / 2 ? 40 + 30 * c + y : 220 - 30 * c - y);
    }
  }
  return image;
}

double mean_difference(const Pixels& one, const Pixels& other) {
  double sum = 0;
  for (size_t i = 0; i < one.values.size(); ++i) sum += std::abs(one.values[i] - other.values[i]);
  return sum / static_cast<double>(one.values.size());
}

TEST(DegradationTest, BicubicIsTheAntialiasedResize) {
  const auto image = some_picture(32);
  const auto small = Degradation({.kind = "bicubic"}, 4).apply(image, ItemRandom(1));
  EXPECT_EQ(small.values, to_pixels(resized(to_float(image), 8, 8)).values);
}

TEST(DegradationTest, BlindOnesAreDrawnAndFollowFromTheDraw) {
  const Degradation blind({.kind = "blind"}, 4);
  const auto image = some_picture(64);
  const auto one = blind.apply(image, ItemRandom(1));
  EXPECT_EQ(one.height, 16);
  EXPECT_EQ(one.width, 16);
  EXPECT_EQ(blind.apply(image, ItemRandom(1)).values, one.values);
  EXPECT_GT(mean_difference(blind.apply(image, ItemRandom(2)), one), 0.5);
}

TEST(DegradationTest, EachPartCanBeLeftOut) {
  const DegradationOptions none{.kind = "blind", .blur = 0, .noise = 0, .jpeg = 0, .second_order = false};
  const auto image = some_picture(64);
  const auto clean = to_pixels(resized(to_float(image), 16, 16));
  const auto distance = [&](const DegradationOptions& options) {
    double sum = 0;
    for (uint64_t seed = 0; seed < 12; ++seed)
      sum += mean_difference(Degradation(options, 4).apply(image, ItemRandom(seed)), clean);
    return sum / 12;
  };
  auto noise = none, blur = none, jpeg = none;
  noise.noise = 60;
  blur.blur = 12;
  jpeg.jpeg = 1;
  const double least = distance(none);
  EXPECT_LT(least, 8);  // the edge, through several filters
  EXPECT_GT(distance(noise), least + 2);
  EXPECT_GT(distance(blur), least + 2);
  EXPECT_GT(distance(jpeg), least + 1);
}

TEST(DegradationTest, AlphaIsKeptAndGreyStaysGrey) {
  for (const int64_t channels : {1, 4}) {
    const auto image = to_channels(some_picture(32), channels);
    const auto small = Degradation({.kind = "blind"}, 2).apply(image, ItemRandom(3));
    EXPECT_EQ(small.channels, channels);
    EXPECT_EQ(small.height, 16);
  }
}

TEST(BlurKernelTest, IsAGaussianThatSumsToOne) {
  const auto kernel = blur_kernel(7, 1.5, 1.5, 0.3, 2, /*plateau=*/false);
  EXPECT_NEAR(std::accumulate(kernel.begin(), kernel.end(), 0.0), 1, 1e-6);
  // exp(-r^2 / (2 sigma^2)) in any direction.
  EXPECT_NEAR(kernel[24 + 2] / kernel[24], std::exp(-4 / 4.5), 1e-6);
  EXPECT_NEAR(kernel[24 + 14] / kernel[24], std::exp(-4 / 4.5), 1e-6);
}

TEST(BlurKernelTest, IsLongAlongItsAngle) {
  // A quarter turn lays the long axis upright.
  const auto kernel = blur_kernel(7, 3, 0.5, std::numbers::pi / 2, 2, /*plateau=*/false);
  EXPECT_NEAR(kernel[24 + 7] / kernel[24], std::exp(-1.0 / 18), 1e-5);
  EXPECT_NEAR(kernel[24 + 1] / kernel[24], std::exp(-2.0), 1e-5);
}

TEST(SincKernelTest, LetsEverythingPassBelowItsCutOffAndNothingAbove) {
  const auto kernel = sinc_kernel(21, std::numbers::pi / 3);
  const auto gain = [&](double frequency) {
    double sum = 0;
    for (int i = 0; i < 21 * 21; ++i) sum += kernel[static_cast<size_t>(i)] * std::cos(frequency * (i % 21 - 10));
    return sum;
  };
  EXPECT_NEAR(gain(0), 1, 1e-5);
  EXPECT_NEAR(gain(0.5), 1, 0.15);
  EXPECT_NEAR(gain(2), 0, 0.1);
}

}  // namespace
}  // namespace forger
