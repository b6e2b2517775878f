#include "metrics/features.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "core/files.h"
#include "core/random.h"
#include "core/torch.h"
#include "forger/error.h"
#include "metrics/distances.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

/// Smooth images with a bright stripe at a random place: something to learn.
at::Tensor stripes(int64_t count, int64_t channels, int64_t side, uint64_t seed) {
  auto random = make_random(seed);
  const auto place = at::rand({count, channels, 1, 1}, random, at::kFloat) * 2 - 1;
  const auto slope = at::randn({count, 1, 1, 1}, random, at::kFloat);
  const auto axis = at::linspace(-1, 1, side, at::kFloat);
  const auto distance = axis.view({1, 1, 1, -1}) + slope * axis.view({1, 1, -1, 1}) - place;
  const auto noise = at::randn({count, channels, side, side}, random, at::kFloat) * 0.05;
  return (at::exp(distance.square() * -20) * 1.6 - 0.8 + noise).clamp(-1, 1);
}

TEST(LearnFeaturesTest, AreCenteredAndScaledOnTheImagesLearntFrom) {
  const auto images = stripes(1100, 1, 28, 1);
  const auto net = learn_features(images, 1);
  EXPECT_EQ(net->size(), 256);
  const auto features = net->features(images);
  EXPECT_EQ(features.scalar_type(), at::kFloat);
  EXPECT_LT(features.mean(0).abs().max().item<double>(), 1e-2);
  EXPECT_NEAR(features.square().sum(1).mean().item<double>(), 256, 1);
}

TEST(LearnFeaturesTest, TheSameImagesAndSeedGiveTheSameNetwork) {
  const auto images = stripes(100, 3, 20, 1);
  const auto one = learn_features(images, 1), two = learn_features(images, 1), other = learn_features(images, 2);
  EXPECT_EQ(one->hash(), two->hash());
  EXPECT_NE(one->hash(), other->hash());
  EXPECT_EQ(one->hash().size(), 8u);
  EXPECT_TRUE(one->features(images).equal(two->features(images)));
  EXPECT_NE(one->hash(), learn_features(stripes(100, 3, 20, 2), 1)->hash());
  // Sums in another order differ in their last bits; it is the same network all the same.
  const int threads = at::get_num_threads();
  at::set_num_threads(threads == 1 ? 2 : 1);
  const auto reordered = learn_features(images, 1);
  at::set_num_threads(threads);
  EXPECT_EQ(reordered->hash(), one->hash());
  EXPECT_LT((reordered->features(images) - one->features(images)).abs().max().item<double>(), 1e-3);
}

TEST(LearnFeaturesTest, DoNotDependOnTheBatch) {
  const auto images = stripes(100, 1, 16, 1);
  const auto net = learn_features(images, 1);
  EXPECT_TRUE(at::allclose(net->features(images).narrow(0, 70, 5), net->features(images.narrow(0, 70, 5)), 1e-4, 1e-4));
  EXPECT_EQ(net->features(images.narrow(0, 0, 0)).size(0), 0);
}

/// A corruption must move the images farther from the reference than other real images are.
void expect_seen(const FeatureNet& net, const at::Tensor& reference, const at::Tensor& real, const at::Tensor& corrupt,
                 const char* what) {
  const auto features = net.features(reference);
  const auto plain = kernel_distance(features, net.features(real));
  const auto found = kernel_distance(features, net.features(corrupt));
  EXPECT_GT(found.low, plain.high) << what;
}

TEST(LearnFeaturesTest, SeeBlurNoiseBrightnessAndMissingKinds) {
  for (const int64_t side : {28, 64}) {
    const auto net = learn_features(stripes(300, 3, side, 1), 1);
    const auto reference = stripes(300, 3, side, 2), real = stripes(300, 3, side, 3);
    const auto see = [&](const at::Tensor& corrupt, const char* what) {
      expect_seen(*net, reference, real, corrupt, what);
    };
    see(at::avg_pool2d(real, 3, 1, 1), "blur");
    auto random = make_random(4);
    see((real + 0.15 * at::randn(real.sizes(), random, at::kFloat)).clamp(-1, 1), "noise");
    see((real + 0.3).clamp(-1, 1), "brightness");
    const auto left = real.narrow(1, 0, 1).mean(at::IntArrayRef{2, 3}).flatten().argsort();
    see(real.index_select(0, left.narrow(0, 150, 150)).repeat({2, 1, 1, 1}), "missing half");
  }
}

TEST(LearnFeaturesTest, TakeOddAndTinyShapes) {
  for (const auto& [channels, height, width] : {std::tuple{1, 4, 4}, {4, 9, 60}, {3, 5, 1}}) {
    auto random = make_random(1);
    const auto images = at::rand({70, channels, height, width}, random, at::kFloat) * 2 - 1;
    EXPECT_TRUE(at::isfinite(learn_features(images, 1)->features(images)).all().item<bool>());
  }
}

TEST(LearnFeaturesTest, PointsGetFourierFeaturesThatSeeAMissingMode) {
  auto random = make_random(1);
  const auto angle = at::arange(800, at::kFloat) * (2 * M_PI / 8);
  const auto ring = [&] {
    const auto points = at::stack({angle.cos(), angle.sin()}, 1) + at::randn({800, 2}, random, at::kFloat) * 0.01;
    return points.view({-1, 2, 1, 1});
  };
  const auto learning = ring(), reference = ring(), real = ring();
  const auto net = learn_features(learning, 1);
  const auto seven_modes = at::nonzero(at::arange(800) % 8).flatten();
  expect_seen(*net, reference, real, real.index_select(0, seven_modes), "missing mode");
  EXPECT_NEAR(net->features(learning).square().sum(1).mean().item<double>(), static_cast<double>(net->size()), 1);
}

TEST(LearnFeaturesTest, OfEqualImagesTellOthersApartAllTheSame) {
  for (const auto& equal : {at::full({16, 1, 16, 16}, 0.1), at::full({16, 2, 1, 1}, 0.1)}) {
    const auto net = learn_features(equal, 1);
    EXPECT_NEAR(net->features(equal).abs().max().item<double>(), 0, 1e-4);  // their mean is taken away
    EXPECT_GT((net->features(equal) - net->features(-equal)).norm().item<double>(), 0.1);
  }
}

TEST(LearnFeaturesTest, ImpossibleInputIsAnError) {
  const auto images = stripes(64, 1, 16, 1);
  EXPECT_THROW(learn_features(images.narrow(0, 0, 15), 1), Error);
  EXPECT_THROW(learn_features(at::full({64, 1, 16, 16}, std::nan("")), 1), Error);
  const auto net = learn_features(images, 1);
  EXPECT_THROW(net->features(stripes(10, 1, 17, 1)), Error);
  EXPECT_THROW(net->features(at::full({10, 1, 16, 16}, std::nan(""))), Error);
}

TEST(LoadInceptionTest, WhatIsNoTorchScriptIsAnErrorOfOneLine) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "inception.pt", "no network");
  try {
    load_inception(folder / "inception.pt");
    FAIL();
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("inception.pt"), std::string::npos);
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  }
  EXPECT_THROW(load_inception(folder / "missing.pt"), Error);
}

}  // namespace
}  // namespace forger
