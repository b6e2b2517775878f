#include "tasks/blend.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "core/torch.h"
#include "forger/error.h"

namespace forger {
namespace {

at::Tensor box(int64_t side, int64_t from, int64_t size) {
  auto mask = at::zeros({1, 1, side, side});
  mask.narrow(2, from, size).narrow(3, from, size).fill_(1);
  return mask;
}

TEST(BlendTest, WhatIsKnownStaysBitForBit) {
  const auto known = at::empty({2, 3, 16, 16}).uniform_(-1, 1, make_random(1));
  const auto fill = at::empty({2, 3, 16, 16}).uniform_(-1, 1, make_random(2));
  const auto mask = box(16, 4, 6).expand({2, 1, 16, 16});
  const auto result = blend(known, fill, mask);
  EXPECT_TRUE(at::equal(at::where(mask > 0, known, result), known));
  EXPECT_FALSE(at::equal(result, known));
}

TEST(BlendTest, AFillOfAnotherBrightnessLeavesNoSeam) {
  // The same ramp, 0.4 brighter: with the ramp's gradients and its values at the edge, the ramp itself must come out.
  const auto ramp = at::linspace(-0.8, 0.8, 16).view({1, 1, 1, 16}).expand({1, 1, 16, 16}).contiguous();
  const auto result = blend(ramp, ramp + 0.4, box(16, 4, 6));
  EXPECT_LT((result - ramp).abs().max().item<double>(), 1e-4);
}

TEST(BlendTest, AtTheImagesBorderTheFillIsFree) {
  const auto flat = at::full({1, 1, 8, 8}, 0.25);
  auto mask = at::zeros({1, 1, 8, 8});
  mask.narrow(3, 0, 4).fill_(1);
  const auto result = blend(flat, at::full({1, 1, 8, 8}, -0.5), mask);
  EXPECT_LT((result - flat).abs().max().item<double>(), 1e-4);
}

TEST(BlendTest, ScatteredPixelsAreFilledToo) {
  const auto ramp = at::linspace(-0.8, 0.8, 32).view({1, 1, 1, 32}).expand({1, 1, 32, 32}).contiguous();
  auto random = make_random(4);
  const auto mask = at::empty({1, 1, 32, 32}).bernoulli_(0.5, random);
  EXPECT_LT((blend(ramp, ramp - 0.3, mask) - ramp).abs().max().item<double>(), 1e-3);
}

TEST(InterpolateTest, APlaneAndAParabolaComeOutAsTheyWere) {
  // Both solve the biharmonic equation: a ramp, and x^2 - y^2, away from the image's border.
  const auto x = at::linspace(-0.9, 0.9, 24).view({1, 1, 1, 24}).expand({1, 1, 24, 24}).contiguous();
  const auto y = x.transpose(2, 3).contiguous();
  for (const auto& image : {at::Tensor(0.5 * x + 0.3 * y), at::Tensor(x * x - y * y)}) {
    const auto damaged = at::where(box(24, 7, 9) > 0.5, at::zeros({}), image);
    EXPECT_LT((interpolate(damaged, box(24, 7, 9)) - image).abs().max().item<double>(), 1e-3);
  }
}

TEST(InterpolateTest, BesideASteepEdgeItStaysWithinWhatIsKnown) {
  // Next to the hole, the image rises from -0.5 to 0.5 within a pixel: a surface that goes on like that would reach
  // 0.88.
  auto image = at::full({1, 1, 16, 16}, 0.5);
  image.narrow(3, 0, 5).fill_(-0.5);
  const auto filled = interpolate(image, box(16, 6, 5));
  EXPECT_LE(filled.max().item<double>(), 0.5);
  EXPECT_GE(filled.min().item<double>(), -0.5);
}

TEST(FillHolesTest, SingleHolesAreInterpolatedAndLargeOnesFilled) {
  const auto known = at::linspace(-0.8, 0.8, 32).view({1, 1, 1, 32}).expand({1, 1, 32, 32}).contiguous();
  const auto stripes = known + 0.15 * (at::arange(32).view({1, 1, 32, 1}).remainder(2) * 2 - 1);
  const auto scattered = at::empty({1, 1, 32, 32}).bernoulli_(0.2, make_random(9));
  EXPECT_LT((fill_holes(known, stripes, scattered) - known).abs().mean().item<double>(), 0.01);
  EXPECT_FALSE(needs_fill(scattered));
  EXPECT_TRUE(needs_fill(box(32, 8, 16)));
  const auto filled = fill_holes(known, stripes, box(32, 8, 16));
  // Interpolation gives the ramp; the stripes' part grows towards the middle.
  const auto share = ((filled - known) / (stripes - known)).select(3, 16);
  EXPECT_GT(share.narrow(2, 13, 6).min().item<double>(), 0.2);
  EXPECT_LT(share.select(2, 8).abs().item<double>(), 0.05);
  EXPECT_TRUE(at::equal(at::where(box(32, 8, 16) > 0.5, known, filled), known));
}

TEST(BlendTest, RefusesAMaskThatCoversEverything) {
  EXPECT_THROW(blend(at::zeros({1, 1, 4, 4}), at::zeros({1, 1, 4, 4}), at::ones({1, 1, 4, 4})), Error);
}

}  // namespace
}  // namespace forger
