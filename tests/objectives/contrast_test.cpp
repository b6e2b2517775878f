#include "objectives/contrast.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/torch.h"

namespace forger {
namespace {

TEST(ContrastTest, IsTheCrossEntropyOfFindingTheOwnPlace) {
  // Places at right angles: the own key gives 1 / t, the other 0.
  const auto axes = at::eye(2).unsqueeze(0);
  const double t = 0.5;
  EXPECT_NEAR(place_contrast(axes, axes, t)[0].item<double>(), std::log(1 + std::exp(-1 / t)), 1e-6);
  EXPECT_NEAR(place_contrast(axes, axes.flip(1), t)[0].item<double>(), std::log(1 + std::exp(1 / t)), 1e-6);
}

TEST(ContrastTest, PlacesThatLookAlikeCannotBeTold) {
  const auto alike = at::ones({3, 8, 4}) / 2;
  const auto loss = place_contrast(alike, alike, 0.07);
  EXPECT_EQ(loss.sizes(), at::IntArrayRef({3}));
  EXPECT_NEAR(loss.max().item<double>(), std::log(8), 1e-5);
}

}  // namespace
}  // namespace forger
