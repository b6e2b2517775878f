#include "networks/patch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "core/torch.h"

#include "core/random.h"
#include "forger/error.h"
#include "networks/small_networks.h"

namespace forger {
namespace {

TEST(PatchDiscriminatorTest, EachLogitJudgesAPartOf70Pixels) {
  PatchDiscriminator network(discriminator_options("patch"), {1, 128, 96}, 0, make_random(1));
  const auto image = at::full({1, 1, 128, 96}, 0.5).set_requires_grad(true);
  const auto logits = network.forward(image, {});
  EXPECT_THAT(logits.sizes().vec(), testing::ElementsAre(1, 1, 128 / 8 - 2, 96 / 8 - 2));
  logits[0][0][7][5].backward();
  const auto seen = image.grad()[0][0].abs().sum(1).nonzero().flatten();
  EXPECT_EQ(seen[-1].item<int64_t>() - seen[0].item<int64_t>() + 1, 70);
}

TEST(PatchDiscriminatorTest, JudgesSmallerPartsOfSmallImages) {
  const auto sides_of_map = [](int64_t side, int64_t depth) {
    auto options = discriminator_options("patch");
    options.depth = depth;
    const ImageShape shape{3, side, side};
    return PatchDiscriminator(options, shape, 0, make_random(1)).forward(at::zeros({1, 3, side, side}), {}).size(2);
  };
  EXPECT_EQ(sides_of_map(32, 0), 2);
  EXPECT_EQ(sides_of_map(16, 0), 2);
  EXPECT_EQ(sides_of_map(8, 0), 2);
  EXPECT_EQ(sides_of_map(32, 1), 14);
  EXPECT_THROW(sides_of_map(16, 3), Error);
}

}  // namespace
}  // namespace forger
