#include "image/blur.h"

#include <gtest/gtest.h>

#include "core/torch.h"

namespace forger {
namespace {

TEST(BlurTest, AFlatImageStaysFlatUpToItsBorders) {
  const auto images = at::full({2, 3, 9, 12}, 0.3, at::kFloat);
  EXPECT_TRUE(at::allclose(blurred(images, 1.7), images, 1e-5, 1e-6));
}

TEST(BlurTest, APointBecomesAGaussianOfThatWidth) {
  const auto image = at::zeros({1, 1, 41, 41}, at::kFloat);
  image[0][0][20][20] = 1;
  const auto spread = blurred(image, 2)[0][0].to(at::kDouble);
  const auto offsets = at::arange(-20, 21, at::kDouble);
  EXPECT_NEAR(spread.sum().item<double>(), 1, 1e-5);
  EXPECT_NEAR((spread.sum(0) * offsets).sum().item<double>(), 0, 1e-6);
  EXPECT_NEAR((spread.sum(1) * offsets.square()).sum().item<double>(), 4, 0.1);  // cut off at three deviations
  EXPECT_TRUE(at::allclose(spread, spread.t(), 1e-6, 1e-9));
}

TEST(BlurTest, ChannelsDoNotMix) {
  const auto image = at::zeros({1, 2, 8, 8}, at::kFloat);
  image[0][0] = 1;
  EXPECT_EQ(blurred(image, 1)[0][1].abs().max().item<double>(), 0);
}

}  // namespace
}  // namespace forger
