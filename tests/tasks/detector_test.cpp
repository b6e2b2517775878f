#include "tasks/detector.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "core/torch.h"
#include "forger/error.h"
#include "networks/catalog.h"
#include "support/learn_foreign_parts.h"

namespace forger {
namespace {

constexpr ImageShape kShape{1, 16, 16};

/// Bright above, dark below, at a random height; and noise.
at::Tensor landscapes(int64_t count, uint64_t seed) {
  auto random = make_random(seed);
  const auto horizon = at::empty({count, 1, 1, 1}).uniform_(5, 11, random);
  const auto rows = at::arange(16).view({1, 1, 16, 1}).expand({count, 1, 16, 16});
  return at::where(rows < horizon, 0.7, -0.7) + at::empty({count, 1, 16, 16}).normal_(0, 0.05, random);
}

Images feed(const at::Tensor& images) {
  return [parts = images.split(50)]() -> ImageFeed {
    return [parts, next = size_t{0}]() mutable { return next < parts.size() ? parts[next++] : at::Tensor(); };
  };
}

DetectorNetworks networks(double rotations) {
  DiscriminatorOptions options;
  options.width = 4;
  options.rotations = rotations;
  auto network = make_discriminator(options, kShape, 0, make_random(1));
  network->eval();
  return {network, nullptr};
}

/// With a pixel discriminator that took so many steps.
DetectorNetworks networks_with_pixels(uint64_t steps) {
  auto both = networks(1);
  both.pixel_discriminator = std::make_shared<PixelDiscriminator>(4, kShape, make_random(9));
  learn_foreign_parts(both.pixel_discriminator, [](uint64_t seed) { return landscapes(12, seed); }, steps);
  return both;
}

Detector learnt(const DetectorNetworks& networks) {
  return Detector::learn(networks, kShape, c10::kCPU, feed(landscapes(300, 1)), feed(landscapes(200, 2)));
}

Detector learnt(double rotations = 1) { return learnt(networks(rotations)); }

TEST(DetectorTest, NormalImagesScoreAboutZeroAndOthersFarAbove) {
  for (const double rotations : {0.0, 1.0}) {
    const auto detector = learnt(rotations);
    const auto normal = detector.detect(landscapes(200, 3)).scores;
    EXPECT_NEAR(normal.mean().item<double>(), 0, 0.25);
    const auto turned = detector.detect(landscapes(20, 4).rot90(1, {2, 3})).scores;
    EXPECT_GT(turned.min().item<double>(), normal.max().item<double>());
  }
}

TEST(DetectorTest, NormalsExceedTheThresholdsAboutAsOftenAsAskedFor) {
  const auto detector = learnt();
  const auto found = detector.detect(landscapes(1000, 5));
  const auto share = [](const at::Tensor& values, double threshold) {
    return (values > threshold).to(at::kDouble).mean().item<double>();
  };
  // 200 held-out images know a rate of 10 % to within 2 %, and so do 1,000 that are tried.
  EXPECT_NEAR(share(found.scores, detector.scores().threshold(0.1)), 0.1, 0.07);
  EXPECT_NEAR(share(found.maps.amax({1, 2, 3}), detector.peaks().threshold(0.1)), 0.1, 0.07);
}

TEST(DetectorTest, AScoreDoesNotHangOnTheOtherImages) {
  const auto detector = learnt();
  const auto images = landscapes(33, 6);
  const auto together = detector.detect(images);
  const auto order = at::randperm(33, make_random(7), at::kLong);
  const auto shuffled = detector.detect(images.index_select(0, order));
  EXPECT_LT((together.scores.index_select(0, order) - shuffled.scores).abs().max().item<double>(), 1e-4);
  EXPECT_LT((together.maps.index_select(0, order) - shuffled.maps).abs().max().item<double>(), 1e-3);
  const auto alone = detector.detect(images.narrow(0, 4, 1));
  EXPECT_NEAR(alone.scores[0].item<double>(), together.scores[4].item<double>(), 1e-4);
}

TEST(DetectorTest, IsTheSameFromItsState) {
  const auto detector = learnt();
  const Detector again(networks(1), kShape, c10::kCPU, detector.state());
  const auto images = landscapes(5, 8);
  EXPECT_TRUE(at::equal(detector.detect(images).scores, again.detect(images).scores));
  EXPECT_EQ(detector.scores().threshold(0.01), again.scores().threshold(0.01));
}

TEST(DetectorTest, OpinionsOfPixelsThatAreWorthSomethingAreInTheMap) {
  const auto both = networks_with_pixels(60);
  const auto detector = learnt(both);
  EXPECT_TRUE(detector.state().contains("map_scales"));
  const auto normal = detector.detect(landscapes(300, 10));
  EXPECT_NEAR(normal.maps.mean().item<double>(), 0, 0.1);
  EXPECT_NEAR(normal.maps.std().item<double>(), 1, 0.15);
  EXPECT_NEAR(normal.scores.mean().item<double>(), 0, 0.25);

  auto damaged = landscapes(20, 11);
  damaged.narrow(2, 2, 3).narrow(3, 6, 4).fill_(-0.7);
  const auto found = detector.detect(damaged);
  EXPECT_GT(found.scores.min().item<double>(), normal.scores.median().item<double>());
  EXPECT_GT(found.maps.narrow(2, 2, 3).narrow(3, 6, 4).mean().item<double>(), 5);

  const Detector again(both, kShape, c10::kCPU, detector.state());
  EXPECT_TRUE(at::equal(found.maps, again.detect(damaged).maps));
  auto state = detector.state();
  state["map_scales"] = at::zeros({4}, at::kDouble);
  EXPECT_THROW(Detector(both, kShape, c10::kCPU, state), Error);
}

TEST(DetectorTest, OpinionsThatAreWorthNothingLeaveTheMapAsItIs) {
  const auto images = landscapes(5, 12);
  const auto networks = networks_with_pixels(0);
  torch::NoGradGuard no_grad;
  for (auto& weight : networks.pixel_discriminator->parameters()) weight.zero_();  // the same opinion of every pixel
  EXPECT_TRUE(at::equal(learnt(networks).detect(images).maps, learnt().detect(images).maps));
}

TEST(DetectorTest, RefusesStatesThatDoNotFit) {
  auto state = learnt().state();
  const auto load = [](const std::map<std::string, at::Tensor>& tensors) {
    Detector(networks(1), kShape, c10::kCPU, tensors);
  };
  auto missing = state;
  missing.erase("neighbours");
  EXPECT_THROW(load(missing), Error);
  auto wrong = state;
  wrong["neighbours"] = at::zeros({5, 1, 8, 8}, at::kByte);
  EXPECT_THROW(load(wrong), Error);
  wrong = state;
  wrong["scales"] = at::zeros({2, 4}, at::kDouble);
  EXPECT_THROW(load(wrong), Error);
}

TEST(DetectorTest, RefusesToLearnFromNothing) {
  const Images nothing = [] { return [] { return at::Tensor(); }; };
  EXPECT_THROW(Detector::learn(networks(1), kShape, c10::kCPU, nothing, feed(landscapes(9, 1))), Error);
  EXPECT_THROW(Detector::learn(networks(1), kShape, c10::kCPU, feed(landscapes(9, 1)), nothing), Error);
}

}  // namespace
}  // namespace forger
