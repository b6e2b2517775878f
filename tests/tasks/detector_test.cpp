#include "tasks/detector.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "core/torch.h"
#include "forger/error.h"
#include "networks/catalog.h"

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

std::shared_ptr<Discriminator> discriminator(double turns) {
  DiscriminatorOptions options;
  options.width = 4;
  options.turns = turns;
  auto network = make_discriminator(options, kShape, 0, make_random(1));
  network->eval();
  return network;
}

Detector learnt(double turns = 1) {
  return Detector::learn(discriminator(turns), kShape, c10::kCPU, feed(landscapes(300, 1)), feed(landscapes(200, 2)));
}

TEST(DetectorTest, NormalImagesScoreAboutZeroAndOthersFarAbove) {
  for (const double turns : {0.0, 1.0}) {
    const auto detector = learnt(turns);
    const auto normal = detector.detect(landscapes(200, 3)).scores;
    EXPECT_NEAR(normal.mean().item<double>(), 0, 0.25);
    const auto turned = detector.detect(landscapes(20, 4).rot90(1, {2, 3})).scores;
    EXPECT_GT(turned.min().item<double>(), normal.max().item<double>());
  }
}

TEST(DetectorTest, NormalsExceedTheThresholdsAboutAsOftenAsAskedFor) {
  const auto detector = learnt();
  const auto found = detector.detect(landscapes(1000, 5));
  const auto share = [](const at::Tensor& values, double threshold) { return (values > threshold).to(at::kDouble).mean().item<double>(); };
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
  const Detector again(discriminator(1), kShape, c10::kCPU, detector.state());
  const auto images = landscapes(5, 8);
  EXPECT_TRUE(at::equal(detector.detect(images).scores, again.detect(images).scores));
  EXPECT_EQ(detector.scores().threshold(0.01), again.scores().threshold(0.01));
}

TEST(DetectorTest, RefusesStatesThatDoNotFit) {
  auto state = learnt().state();
  const auto load = [](const std::map<std::string, at::Tensor>& tensors) { Detector(discriminator(1), kShape, c10::kCPU, tensors); };
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
  EXPECT_THROW(Detector::learn(discriminator(1), kShape, c10::kCPU, nothing, feed(landscapes(9, 1))), Error);
  EXPECT_THROW(Detector::learn(discriminator(1), kShape, c10::kCPU, feed(landscapes(9, 1)), nothing), Error);
}

}  // namespace
}  // namespace forger
