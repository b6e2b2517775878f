#include "objectives/mismatch.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "core/torch.h"

namespace forger {
namespace {

at::Tensor noise(int64_t count, uint64_t seed) { return at::randn({count, 3}, make_random(seed)); }

TEST(MismatchTest, OfFourPointsIsThatOfTheClosedForm) {
  // In one dimension C is 2 s. Pairs of one side are 2 apart, of both sides 1 and 3.
  const auto first = at::tensor({0.0F, 2.0F}).view({2, 1}), second = at::tensor({3.0F, 1.0F}).view({2, 1});
  // Products: 0 of the one pair, 3 of the other; 0, 0, 6 and 2 across.
  double expected = (0 + 0) + (3 + 9) - 2 * ((0 + 0) + (0 + 0) + (6 + 36) + (2 + 4)) / 4.0;
  for (const double s : {0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0}) {
    const auto k = [&](double distance) { return 2 * s / (2 * s + distance * distance); };
    expected += 2 * k(2) - 2 * (3 * k(1) + k(3)) / 4;
  }
  EXPECT_NEAR(mismatch(first, second).item<double>(), expected, 1e-5);
}

TEST(MismatchTest, IsAroundZeroForEqualDistributionsAndGrowsWithTheShift) {
  double equal = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed)
    equal += mismatch(noise(500, seed), noise(500, seed + 100)).item<double>() / 20;
  EXPECT_NEAR(equal, 0, 0.01);
  const double near = mismatch(noise(200, 1) + 0.5, noise(200, 2)).item<double>();
  const double far = mismatch(noise(200, 1) + 2, noise(200, 2)).item<double>();
  EXPECT_GT(near, 0.05);
  EXPECT_GT(far, 2 * near);
}

TEST(MismatchTest, ItsGradientDrawsVectorsToTheOthers) {
  auto codes = (noise(64, 1) + 1).requires_grad_(true);
  mismatch(codes, noise(64, 2)).backward();
  // Downhill lies towards smaller numbers, on the whole.
  EXPECT_GT(codes.grad().mean().item<double>(), 0);
}

}  // namespace
}  // namespace forger
