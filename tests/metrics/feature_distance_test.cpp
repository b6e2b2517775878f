#include "metrics/feature_distance.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "core/torch.h"
#include "forger/error.h"
#include "image/blur.h"
#include "metrics/likeness.h"

namespace forger {
namespace {

/// Texture of two sizes, each picture another draw of it: `[1, 3, 64, 96]` in [-1, 1].
at::Tensor texture(uint64_t seed) {
  const auto noise = at::empty({2, 3, 64, 96}).normal_(0, 1, make_random(seed));
  const auto coarse = blurred(noise.narrow(0, 0, 1), 4) * 3, fine = blurred(noise.narrow(0, 1, 1), 1);
  return (coarse + fine).mul(0.7).clamp(-1, 1);
}

const FeatureNet& learnt() {
  static const auto net = [] {
    std::vector<at::Tensor> parts;
    for (uint64_t seed = 100; seed < 120; ++seed) parts.push_back(feature_parts(texture(seed)));
    return learn_features(at::cat(parts), 1);
  }();
  return *net;
}

TEST(FeatureDistanceTest, EqualPicturesAreAtZeroAndUnrelatedOnesAboutAtOne) {
  const auto& net = learnt();
  const auto picture = texture(1);
  EXPECT_EQ(feature_distance(net, picture, picture), 0);
  EXPECT_NEAR(feature_distance(net, picture, texture(2)), 1, 0.3);
}

TEST(FeatureDistanceTest, ItSeesLostTextureBeforeMovedTexture) {
  // By the pixels it is the other way round: that is what the measure is for.
  const auto& net = learnt();
  const auto picture = texture(1);
  const auto moved = picture.roll(1, 3), blurry = blurred(picture, 1.5);
  EXPECT_GT(mean_psnr_db(picture, blurry), mean_psnr_db(picture, moved));
  EXPECT_LT(feature_distance(net, picture, moved), feature_distance(net, picture, blurry));
}

TEST(FeatureDistanceTest, ItGrowsWithBlurAndNoise) {
  const auto& net = learnt();
  const auto picture = texture(1), noise = at::empty_like(picture).normal_(0, 1, make_random(3));
  EXPECT_LT(feature_distance(net, picture, blurred(picture, 0.7)),
            feature_distance(net, picture, blurred(picture, 1.5)));
  EXPECT_LT(feature_distance(net, picture, picture + 0.05 * noise),
            feature_distance(net, picture, picture + 0.2 * noise));
}

TEST(FeatureDistanceTest, SquaresLieSideBySide) {
  const auto picture = at::arange(70 * 40, at::kFloat).view({1, 1, 70, 40});
  const auto parts = feature_parts(picture);
  ASSERT_EQ(parts.sizes().vec(), (std::vector<int64_t>{2, 1, 32, 32}));
  EXPECT_TRUE(at::equal(parts[1][0], picture[0][0].slice(0, 32, 64).slice(1, 0, 32)));
  EXPECT_THROW(feature_distance(learnt(), picture, picture.slice(2, 1)), Error);
}

}  // namespace
}  // namespace forger
