#include "referee/pixel_critic.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "core/torch.h"

namespace forger {
namespace {

/// Images of a bright square on black, somewhere; with `stripes`, of a square made of stripes two pixels wide.
at::Tensor squares(int64_t count, uint64_t seed, bool stripes) {
  auto random = make_random(seed);
  const auto images = at::full({count, 1, 16, 16}, -1.0, at::kFloat);
  const auto places = at::randint(0, 9, {count, 2}, random, at::kLong);
  for (int64_t i = 0; i < count; ++i) {
    auto square = images[i][0].narrow(0, places[i][0].item<int64_t>(), 8).narrow(1, places[i][1].item<int64_t>(), 8);
    square.fill_(stripes ? 0.8 : 0.4);
    for (int64_t row = 0; stripes && row < 8; ++row) {
      if (row % 4 < 2) square[row].fill_(0);
    }
  }
  return images;
}

TEST(PixelCriticTest, GuessesWhereBothAreOfOneKind) {
  const auto test = pixel_critic_test(squares(400, 1, false), squares(400, 2, false), squares(400, 3, false),
                                      squares(400, 4, false), 1);
  EXPECT_LT(test.low, 0.5);
  EXPECT_LT(test.high, 0.6);
  EXPECT_EQ(test.count, 800);
}

TEST(PixelCriticTest, TellsATextureApart) {
  const auto test = pixel_critic_test(squares(400, 1, false), squares(400, 2, true), squares(400, 3, false),
                                      squares(400, 4, true), 1);
  EXPECT_GT(test.low, 0.95);
}

TEST(PixelCriticTest, DoesNotSeeHowNumbersAreKept) {
  // The same images, whole grey levels on one side and fractions of them on the other.
  const auto with_fractions = [](const at::Tensor& images, uint64_t seed) {
    auto random = make_random(seed);
    return images + at::empty_like(images).uniform_(-0.0035, 0.0035, random);
  };
  const auto test = pixel_critic_test(squares(400, 1, false), with_fractions(squares(400, 2, false), 5),
                                      squares(400, 3, false), with_fractions(squares(400, 4, false), 6), 1);
  EXPECT_LT(test.high, 0.6);
}

}  // namespace
}  // namespace forger
