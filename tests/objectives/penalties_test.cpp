#include <ATen/autocast_mode.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/random.h"
#include "core/torch.h"
#include "objectives/penalties.h"
#include "support/golden_json.h"

namespace forger {
namespace {

at::Tensor noise(at::IntArrayRef shape, uint64_t seed) { return at::randn(shape, make_random(seed)); }

/// D(x) = w . x + 3, so that the slope is w everywhere.
Critic linear_critic(const at::Tensor& weight) {
  return [weight](const at::Tensor& images) { return (images * weight).sum({1, 2, 3}) + 3; };
}

at::Tensor shaped(const nlohmann::json& tensor) {
  return golden_tensor(tensor["values"]).view(tensor["shape"].get<std::vector<int64_t>>()).contiguous();
}

TEST(ZeroCenteredPenaltyTest, OfALinearCriticIsItsSquaredWeight) {
  const auto weight = noise({3, 4, 5}, 1).requires_grad_(true);
  const auto penalty = zero_centered_penalty(linear_critic(weight), noise({7, 3, 4, 5}, 2));
  EXPECT_EQ(penalty.dim(), 0);
  EXPECT_NEAR(penalty.item<double>(), weight.square().sum().item<double>(), 1e-4);
  // d|w|^2 / dw = 2 w
  EXPECT_TRUE(at::allclose(torch::autograd::grad({penalty}, {weight})[0], 2 * weight, 1e-5, 1e-6));
}

TEST(ZeroCenteredPenaltyTest, OfAQuadraticCriticIsTheMeanSquaredNorm) {
  // D(x) = 1/2 |x|^2 has the slope x.
  const auto images = noise({5, 2, 3, 3}, 3);
  const Critic critic = [](const at::Tensor& x) { return 0.5 * x.square().sum({1, 2, 3}); };
  EXPECT_NEAR(zero_centered_penalty(critic, images).item<double>(),
              images.square().sum({1, 2, 3}).mean().item<double>(), 1e-4);
}

TEST(OneCenteredPenaltyTest, IsZeroForUnitSlope) {
  auto weight = noise({1, 6, 6}, 4);
  weight = weight / weight.norm();
  const auto penalty =
      one_centered_penalty(linear_critic(weight), noise({4, 1, 6, 6}, 5), noise({4, 1, 6, 6}, 6), ItemRandom(7));
  EXPECT_NEAR(penalty.item<double>(), 0, 1e-12);
}

TEST(OneCenteredPenaltyTest, IsFourForSlopeThreeWhateverTheBatch) {
  auto weight = noise({2, 3, 3}, 4);
  weight = 3 * weight / weight.norm();
  for (const int64_t count : {1, 8}) {
    const auto penalty = one_centered_penalty(linear_critic(weight), noise({count, 2, 3, 3}, 5),
                                              noise({count, 2, 3, 3}, 6), ItemRandom(7));
    EXPECT_NEAR(penalty.item<double>(), 4, 1e-5);
  }
}

TEST(OneCenteredPenaltyTest, IsOneWithFiniteGradientForAConstantCritic) {
  const auto weight = at::zeros({1, 4, 4}).requires_grad_(true);
  const auto penalty =
      one_centered_penalty(linear_critic(weight), noise({4, 1, 4, 4}, 5), noise({4, 1, 4, 4}, 6), ItemRandom(7));
  EXPECT_NEAR(penalty.item<double>(), 1, 1e-5);
  EXPECT_TRUE(torch::autograd::grad({penalty}, {weight})[0].isfinite().all().item<bool>());
}

TEST(OneCenteredPenaltyTest, MixesEachImageWithOneRatio) {
  at::Tensor mixed;
  const Critic critic = [&](const at::Tensor& images) {
    mixed = images.detach();
    return images.sum({1, 2, 3});
  };
  one_centered_penalty(critic, at::ones({64, 2, 3, 4}), at::zeros({64, 2, 3, 4}), ItemRandom(8));
  const auto ratio = mixed.flatten(1);
  EXPECT_TRUE(at::equal(ratio.amin(1), ratio.amax(1)));
  EXPECT_LT(ratio.min().item<double>(), 0.1);
  EXPECT_GT(ratio.max().item<double>(), 0.9);
}

TEST(OneCenteredPenaltyTest, AnImagesRatioIsTheSameInEveryBatch) {
  const auto mixed_of = [](int64_t count) {
    at::Tensor mixed;
    const Critic critic = [&](const at::Tensor& images) {
      mixed = images.detach();
      return images.sum({1, 2, 3});
    };
    one_centered_penalty(critic, at::ones({count, 1, 2, 2}), at::zeros({count, 1, 2, 2}), ItemRandom(8));
    return mixed;
  };
  EXPECT_TRUE(at::equal(mixed_of(3), mixed_of(50).narrow(0, 0, 3)));
}

TEST(OneCenteredPenaltyTest, SameSeedGivesTheSameValue) {
  const auto real = noise({4, 1, 4, 4}, 5), fake = noise({4, 1, 4, 4}, 6);
  const Critic critic = [](const at::Tensor& x) { return x.pow(3).sum({1, 2, 3}); };
  const auto value = [&](uint64_t seed) { return one_centered_penalty(critic, real, fake, ItemRandom(seed)); };
  EXPECT_TRUE(at::equal(value(1), value(1)));
  EXPECT_FALSE(at::equal(value(1), value(2)));
}

TEST(PenaltyTest, EqualsPyTorchAutogradForAConvolutionalCritic) {
  const auto golden = read_golden("objectives/golden/penalties.json");
  std::vector<at::Tensor> weights;
  for (const auto& weight : golden["weights"]) weights.push_back(shaped(weight).requires_grad_(true));
  const Critic critic = [&](const at::Tensor& images) {
    const auto hidden = at::softplus(at::conv2d(images, weights[0], weights[1], 2, 1));
    return at::linear(hidden.flatten(1), weights[2]).squeeze(1);
  };
  const auto real = shaped(golden["real"]), fake = shaped(golden["fake"]);
  for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
    const auto check = [&](const at::Tensor& penalty, const nlohmann::json& expected) {
      EXPECT_NEAR(penalty.item<double>(), expected["value"].get<double>(), 1e-5);
      const auto gradients = torch::autograd::grad({penalty}, weights);
      for (size_t i = 0; i < weights.size(); ++i) {
        EXPECT_TRUE(at::allclose(gradients[i], shaped(expected["gradients"][i]), 1e-4, 1e-5)) << i;
      }
    };
    check(zero_centered_penalty(critic, real.contiguous(format)), golden["zero_centered"]);
    check(one_centered_penalty(critic, real.contiguous(format), fake.contiguous(format), ItemRandom(golden["seed"])),
          golden["one_centered"]);
  }
}

TEST(PenaltyTest, IsFloat32WithinAutocast) {
  const auto weight = noise({1, 16}, 9).requires_grad_(true);
  const auto images = noise({8, 1, 4, 4}, 10);
  const Critic critic = [&](const at::Tensor& x) { return at::linear(x.flatten(1), weight).tanh().squeeze(1); };
  const auto outside = zero_centered_penalty(critic, images);
  at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
  at::autocast::set_autocast_enabled(at::kCPU, true);
  const auto within = zero_centered_penalty(critic, images);
  at::autocast::set_autocast_enabled(at::kCPU, false);
  at::autocast::clear_cache();
  EXPECT_TRUE(at::equal(within, outside));
}

}  // namespace
}  // namespace forger
