#include "games/latent.h"

#include <gtest/gtest.h>

#include "core/torch.h"

namespace forger {
namespace {

TEST(LatentTest, NormalLatentsHaveMeanZeroAndDeviationOne) {
  GeneratorOptions options;
  options.latent_size = 50;
  const auto latent = draw_latent(options, 2000, ItemRandom(3));
  EXPECT_NEAR(latent.mean().item<double>(), 0, 0.02);  // standard error 0.003
  EXPECT_NEAR(latent.std().item<double>(), 1, 0.02);
}

TEST(LatentTest, UniformLatentsFillTheirInterval) {
  GeneratorOptions options;
  options.latent = "uniform";
  const auto latent = draw_latent(options, 1000, ItemRandom(3));
  EXPECT_GE(latent.min().item<double>(), -1);
  EXPECT_LE(latent.max().item<double>(), 1);
  EXPECT_NEAR(latent.var().item<double>(), 1.0 / 3, 0.01);
}

TEST(LatentTest, TruncatedLatentsStayWithin) {
  for (const char* distribution : {"normal", "uniform"}) {
    GeneratorOptions options;
    options.latent = distribution;
    EXPECT_LE(draw_latent(options, 500, ItemRandom(1), 0.5).abs().max().item<double>(), 0.5) << distribution;
  }
}

TEST(LatentTest, ALatentIsTheSameHoweverManyAreDrawn) {
  for (const char* distribution : {"normal", "uniform"}) {
    for (const double truncation : {0.0, 0.7}) {
      GeneratorOptions options;
      options.latent = distribution;
      const auto many = draw_latent(options, 200, ItemRandom(7), truncation);
      EXPECT_TRUE(at::equal(draw_latent(options, 5, ItemRandom(7), truncation), many.narrow(0, 0, 5)));
    }
  }
}

TEST(LatentTest, TruncationLeavesNumbersWithinAlone) {
  const auto whole = draw_latent({}, 50, ItemRandom(2)), cut = draw_latent({}, 50, ItemRandom(2), 0.5);
  EXPECT_TRUE(at::equal(cut.masked_select(whole.abs() <= 0.5), whole.masked_select(whole.abs() <= 0.5)));
}

TEST(LatentTest, PathsPassThroughTheirAnchorsAndKeepTheirLength) {
  GeneratorOptions options;
  options.latent_size = 3;
  const auto anchors = at::eye(3);  // orthogonal unit vectors
  const auto path = interpolate_latents(options, anchors, 4);
  ASSERT_EQ(path.size(0), 8);
  for (int64_t anchor = 0; anchor < 2; ++anchor) EXPECT_TRUE(at::allclose(path[4 * anchor], anchors[anchor]));
  EXPECT_TRUE(at::allclose(path.norm(2, 1), at::ones({8}), 1e-5, 1e-5));
  options.latent = "uniform";
  EXPECT_TRUE(at::allclose(interpolate_latents(options, anchors, 4)[2], (anchors[0] + anchors[1]) / 2));
}

TEST(LatentTest, APlaneOfTwoNumbersIsTheirGrid) {
  GeneratorOptions options;
  options.latent_size = 2;
  const auto plane = latent_plane(options, 5);
  EXPECT_TRUE(at::equal(plane[0], at::tensor({-2.0F, -2.0F})));
  EXPECT_TRUE(at::equal(plane[4], at::tensor({2.0F, -2.0F})));
  EXPECT_TRUE(at::equal(plane[12], at::tensor({0.0F, 0.0F})));
  EXPECT_TRUE(at::equal(plane[20], at::tensor({-2.0F, 2.0F})));
  options.latent = "uniform";
  EXPECT_EQ(latent_plane(options, 5).max().item<double>(), 1);
}

TEST(LatentTest, APlaneOfOtherSizesTakesEverySecondNumberTogether) {
  GeneratorOptions options;
  options.latent_size = 5;
  const auto plane = latent_plane(options, 3);
  EXPECT_TRUE(at::equal(plane[2], at::tensor({2.0F, -2.0F, 2.0F, -2.0F, 2.0F})));
  options.latent_size = 1;
  EXPECT_TRUE(at::equal(latent_plane(options, 3), at::tensor({-2.0F, 0.0F, 2.0F}).view({3, 1})));
}

}  // namespace
}  // namespace forger
