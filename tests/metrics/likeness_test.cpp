#include "metrics/likeness.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"
#include "core/torch.h"
#include "forger/error.h"
#include "image/grid.h"
#include "metrics/golden_features.h"
#include "support/golden_json.h"

namespace forger {
namespace {

/// Of a grey in [0, 1], `[1, 3, 16, 16]` in [-1, 1].
at::Tensor grey(double value) { return at::full({1, 3, 16, 16}, 2 * value - 1); }

/// Whole numbers below `values`, as golden/make_likeness.py draws them, `[29, 37, 3]`.
at::Tensor drawn(uint64_t seed, uint64_t values) {
  auto numbers = at::empty({29, 37, 3}, at::kLong);
  auto* next = numbers.mutable_data_ptr<int64_t>();
  for (uint64_t i = 0; i < static_cast<uint64_t>(numbers.numel()); ++i) {
    next[i] = static_cast<int64_t>(mixed((seed << 32) + i) % values);
  }
  return numbers;
}

/// Levels `[29, 37, 3]` as float images `[1, 3, 29, 37]`.
at::Tensor image_of(const at::Tensor& levels) {
  return to_floats(levels.clamp(0, 255).to(at::kByte).permute({2, 0, 1}).unsqueeze(0).contiguous());
}

TEST(LikenessTest, EqualsThePublishedDefinitions) {
  const auto golden = read_golden("metrics/golden/likeness.json");
  ASSERT_EQ(golden.size(), 3U);
  const auto y = at::arange(29).view({29, 1, 1}), x = at::arange(37).view({1, 37, 1}), c = at::arange(3);
  const auto levels = 4 * y + 2 * x + 20 * c + drawn(1, 32);
  const auto truth = image_of(levels);
  for (const auto& [spread, expected] : golden.items()) {
    const int64_t most = std::stoll(spread);
    const auto made = image_of(levels + drawn(2, static_cast<uint64_t>(2 * most + 1)) - most);
    const auto found = compare_images(truth, made)[0];
    EXPECT_NEAR(found.psnr_db, expected["psnr"], 1e-5) << spread;
    EXPECT_NEAR(found.ssim, expected["ssim"], 1e-6) << spread;
    const auto luma = compare_images(bt601_luma(truth), bt601_luma(made))[0];
    EXPECT_NEAR(luma.psnr_db, expected["psnr-y"], 1e-5) << spread;
    EXPECT_NEAR(luma.ssim, expected["ssim-y"], 1e-6) << spread;
  }
}

TEST(LikenessTest, EqualImagesAreAsAlikeAsCanBe) {
  const auto image = at::empty({2, 3, 16, 16}).uniform_(-1, 1, make_random(1));
  const auto found = compare_images(image, image);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].mean_squared_error, 0);
  EXPECT_EQ(found[0].psnr_db, 99);
  EXPECT_NEAR(found[0].ssim, 1, 1e-9);
}

TEST(LikenessTest, ATenthOfTheRangeIsTwentyDecibels) {
  const auto found = compare_images(grey(0.4), grey(0.5))[0];
  EXPECT_NEAR(found.mean_squared_error, 0.01, 1e-7);
  EXPECT_NEAR(found.psnr_db, 20, 1e-4);
}

TEST(LikenessTest, OfFlatImagesOnlyTheLuminanceCounts) {
  // (2 a b + C1) / (a^2 + b^2 + C1) with C1 = 0.01^2: Wang et al. 2004, equation 6; contrast and structure are 1.
  const double a = 0.3, b = 0.7, c = 1e-4;
  EXPECT_NEAR(compare_images(grey(a), grey(b))[0].ssim, (2 * a * b + c) / (a * a + b * b + c), 1e-4);
}

TEST(LikenessTest, AnImageAndItsInverseAreStructurallyOpposite) {
  // Around the middle grey means agree and the covariance is minus the variance: nearly -1.
  const auto noise = at::empty({1, 1, 32, 32}).uniform_(-1, 1, make_random(2));
  EXPECT_LT(compare_images(noise, -noise)[0].ssim, -0.8);
}

TEST(LikenessTest, UnrelatedNoiseIsNotAlike) {
  const auto first = at::empty({1, 1, 64, 64}).uniform_(-1, 1, make_random(3));
  const auto second = at::empty({1, 1, 64, 64}).uniform_(-1, 1, make_random(4));
  EXPECT_LT(std::abs(compare_images(first, second)[0].ssim), 0.1);
}

TEST(LikenessTest, ImagesSmallerThanTheWindowHaveNoSsim) {
  const auto image = at::zeros({1, 1, 10, 16});
  EXPECT_TRUE(std::isnan(compare_images(image, image)[0].ssim));
}

TEST(LikenessTest, RefusesBatchesOfDifferentShapes) {
  EXPECT_THROW(compare_images(at::zeros({1, 1, 16, 16}), at::zeros({1, 3, 16, 16})), Error);
}

}  // namespace
}  // namespace forger
