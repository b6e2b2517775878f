#include "games/foreign_parts.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "core/torch.h"
#include "support/learn_foreign_parts.h"

namespace forger {
namespace {

/// Bright above, dark below, at a random height; and noise.
at::Tensor horizons(int64_t count, at::IntArrayRef sizes, uint64_t seed) {
  auto random = make_random(seed);
  const auto height = at::empty({count, 1, 1, 1}).uniform_(0.3, 0.7, random) * sizes[1];
  const auto bright = at::arange(sizes[1]).view({1, 1, -1, 1}) < height;
  return (at::where(bright, 0.7, -0.7) + at::empty({count, sizes[0], sizes[1], sizes[2]}).normal_(0, 0.05, random));
}

TEST(ForeignPartsTest, ForeignIsWhatChangedVisibly) {
  for (const std::vector<int64_t>& sizes : {std::vector<int64_t>{1, 28, 28}, {3, 17, 40}, {4, 64, 32}}) {
    const auto images = horizons(200, sizes, 1).clamp(-1, 1);
    const auto [mixed, foreign] = with_foreign_parts(images, ItemRandom(2));
    ASSERT_EQ(mixed.sizes(), images.sizes());
    ASSERT_EQ(foreign.sizes(), (std::vector<int64_t>{200, 1, sizes[1], sizes[2]}));
    const auto change = (mixed - images).abs().amax(1, true);
    EXPECT_TRUE(at::equal(change > 0.0625, foreign > 0.5));
    EXPECT_GE(mixed.min().item<double>(), -1);
    EXPECT_LE(mixed.max().item<double>(), 1);
    const auto share = foreign.mean({1, 2, 3});
    EXPECT_NEAR((change.amax({1, 2, 3}) == 0).to(at::kDouble).mean().item<double>(), 0.1, 0.12) << "left whole";
    EXPECT_LT(share.max().item<double>(), 0.4);
    EXPECT_GT(share.mean().item<double>(), 0.01);
  }
}

TEST(ForeignPartsTest, TheSeedDecides) {
  const auto images = horizons(20, {1, 16, 16}, 3);
  EXPECT_TRUE(
      at::equal(with_foreign_parts(images, ItemRandom(4)).images, with_foreign_parts(images, ItemRandom(4)).images));
  EXPECT_FALSE(
      at::equal(with_foreign_parts(images, ItemRandom(4)).images, with_foreign_parts(images, ItemRandom(5)).images));
}

TEST(ForeignPartsTest, WhereAnImageIsChangedHangsOnNoOtherImage) {
  const auto images = horizons(30, {1, 16, 16}, 3);
  const auto few = with_foreign_parts(images.narrow(0, 0, 7), ItemRandom(4)).images;
  const auto many = with_foreign_parts(images, ItemRandom(4)).images.narrow(0, 0, 7);
  // The first one borrows from the last of its batch.
  EXPECT_TRUE(at::allclose(few.narrow(0, 1, 6), many.narrow(0, 1, 6), 0, 1e-5));
}

TEST(PixelDiscriminatorTest, LearnsWhichPixelsAreForeign) {
  const auto network = std::make_shared<PixelDiscriminator>(8, ImageShape{1, 19, 24}, make_random(6));
  learn_foreign_parts(network, [](uint64_t seed) { return horizons(16, {1, 19, 24}, seed); }, 200);
  torch::NoGradGuard no_grad;
  auto images = horizons(50, {1, 19, 24}, 7);
  const auto before = network->forward(images);
  ASSERT_EQ(before.sizes(), images.sizes());
  images.narrow(2, 2, 5).narrow(3, 8, 5).fill_(-1);
  const auto inside = network->forward(images).narrow(2, 3, 3).narrow(3, 9, 3);
  EXPECT_GT(inside.mean().item<double>(), before.mean().item<double>() + 2);
  EXPECT_GT(inside.mean().item<double>(), 0) << "more likely foreign than not";
}

}  // namespace
}  // namespace forger
