#include "tasks/enlarger.h"

#include <ATen/autocast_mode.h>
#include <gmock/gmock.h>
#include "core/torch.h"

#include "core/random.h"
#include "forger/error.h"

namespace forger {
namespace {

/// Doubles images by repeating pixels, after a 3x3 mean. Keeps what it was given, and how.
class Doubling : public ImageGenerator {
 public:
  at::Tensor forward(const at::Tensor& images) override {
    in_bfloat16 = at::autocast::is_autocast_enabled(at::kCPU);
    ++calls;
    seen = images;
    auto made = at::upsample_nearest2d(images, {2 * images.size(2), 2 * images.size(3)});
    if (spoilt && (in_bfloat16 || always)) made[0][0][0][0] = *spoilt;
    return made;
  }
  ImageRule rule() const override { return {.scale = 2, .multiple_px = 1, .halo_px = 1}; }
  OnnxValue to_onnx(OnnxGraph&, const OnnxValue& images) override { return images; }

  at::Tensor seen;
  bool in_bfloat16 = false, always = false;
  int calls = 0;
  std::optional<float> spoilt;
};

at::Tensor noise(int64_t channels, int64_t height = 6, int64_t width = 5) {
  return at::empty({1, channels, height, width}, at::kByte).random_(0, 256, make_random(2));
}

at::Tensor unit(const at::Tensor& bytes) { return bytes.to(at::kFloat).div(255); }
at::Tensor doubled(const at::Tensor& images) {
  return at::upsample_nearest2d(images, {2 * images.size(2), 2 * images.size(3)});
}
at::Tensor luma(const at::Tensor& rgb) {
  return (rgb * at::tensor({0.299F, 0.587F, 0.114F}).view({1, 3, 1, 1})).sum(1, true);
}

TEST(EnlargerTest, ColoursAndGreyGoThroughTheNetworkAndKeepTheirKind) {
  const auto network = std::make_shared<Doubling>();
  Enlarger enlarger(network, 3, at::kCPU, {});
  const auto rgb = noise(3), grey = noise(1);
  EXPECT_TRUE(at::allclose(enlarger.enlarge(rgb, false), doubled(unit(rgb)), 0, 1e-6));
  EXPECT_TRUE(at::allclose(network->seen, unit(rgb) * 2 - 1, 0, 1e-6));
  EXPECT_TRUE(at::allclose(enlarger.enlarge(grey, true), doubled(unit(grey)), 0, 1e-6));
  const auto deep = grey.to(at::kInt) * 257 + 100;
  EXPECT_TRUE(at::allclose(enlarger.enlarge(deep, true), doubled(deep.to(at::kFloat) / 65535), 0, 1e-6));
}

/// Gives back the first channel, and keeps what it was given.
class FirstChannel : public ImageGenerator {
 public:
  at::Tensor forward(const at::Tensor& images) override {
    seen = images;
    return images.narrow(1, 0, 1);
  }
  ImageRule rule() const override { return {}; }
  OnnxValue to_onnx(OnnxGraph&, const OnnxValue& images) override { return images; }
  at::Tensor seen;
};

TEST(EnlargerTest, ANetworkOfAnotherKindGetsItsChannelsAndItsAnswerStays) {
  const auto network = std::make_shared<FirstChannel>();
  const auto rgb = noise(3), rgba = noise(4), grey = noise(1);
  const auto seen_of = [&](int64_t source_channels, const at::Tensor& tiles, bool is_grey) {
    Enlarger enlarger(network, 1, at::kCPU, {.source_channels = source_channels});
    EXPECT_EQ(enlarger.enlarge(tiles, is_grey).size(1), 1);
    return (network->seen + 1) / 2;
  };
  EXPECT_TRUE(at::allclose(seen_of(1, rgb, false), luma(unit(rgb)), 0, 1e-6));
  EXPECT_TRUE(at::allclose(seen_of(1, grey, true), unit(grey), 0, 1e-6));
  EXPECT_TRUE(at::allclose(seen_of(3, grey, true), unit(grey).expand({-1, 3, -1, -1}), 0, 1e-6));
  EXPECT_TRUE(at::allclose(seen_of(4, rgba, false), unit(rgba), 0, 1e-6));
  const auto opaque = at::cat({unit(rgb), at::ones({1, 1, 6, 5})}, 1);
  EXPECT_TRUE(at::allclose(seen_of(4, rgb, false), opaque, 0, 1e-6));
  EXPECT_THROW(seen_of(2, rgb, false), Error);
}

TEST(EnlargerTest, ANetworkOfLumaLeavesColoursToInterpolation) {
  Enlarger enlarger(std::make_shared<Doubling>(), 1, at::kCPU, {});
  const auto rgb = noise(3);
  const auto made = enlarger.enlarge(rgb, false);
  EXPECT_TRUE(at::allclose(luma(made), doubled(luma(unit(rgb))), 0, 1e-5));
  const auto flat = at::empty({1, 3, 4, 4}, at::kByte);
  for (int64_t c = 0; c < 3; ++c) flat.select(1, c).fill_(60 + 70 * c);
  EXPECT_TRUE(at::allclose(enlarger.enlarge(flat, false), doubled(unit(flat)), 0, 1e-5));
}

TEST(EnlargerTest, AlphaStaysWhatItIsWhereItIsFlatAndHiddenColoursDoNotShow) {
  Enlarger enlarger(std::make_shared<Doubling>(), 3, at::kCPU, {});
  auto image = at::full({1, 4, 8, 8}, 200, at::kByte);
  image.narrow(3, 0, 4).zero_();  // black, and not to be seen
  image.select(1, 3).narrow(2, 4, 4).fill_(255);
  const auto made = enlarger.enlarge(image, false);
  ASSERT_EQ(made.size(1), 4);
  EXPECT_TRUE(at::allclose(made.narrow(1, 0, 3), at::full({1, 3, 16, 16}, 200.0 / 255), 0, 1e-5));
  const auto alpha = made.select(1, 3);
  EXPECT_EQ(alpha.narrow(2, 0, 4).max().item<float>(), 0);
  EXPECT_NEAR(alpha.narrow(2, 12, 4).min().item<float>(), 1, 1e-6);
  EXPECT_EQ(enlarger.enlarge(image, true).size(1), 2);
}

TEST(EnlargerTest, TheMeanOfEightTurnsTurnsWithTheImage) {
  class Shifted : public Doubling {
   public:
    at::Tensor forward(const at::Tensor& images) override { return Doubling::forward(images.roll({1, 2}, {2, 3})); }
  };
  const auto network = std::make_shared<Shifted>();
  Enlarger enlarger(network, 3, at::kCPU, {.tta = true});
  const auto image = noise(3, 6, 6);
  const auto made = enlarger.enlarge(image, false);
  EXPECT_EQ(network->calls, 8);
  EXPECT_TRUE(at::allclose(enlarger.enlarge(image.rot90(1, {2, 3}), false), made.rot90(1, {2, 3}), 0, 1e-6));
  EXPECT_TRUE(at::allclose(enlarger.enlarge(image.flip(3), false), made.flip(3), 0, 1e-6));
}

TEST(EnlargerTest, WhatIsNoNumberInBfloat16IsComputedAgainInFloat32) {
  const auto image = noise(3);
  for (const float wrong : {NAN, INFINITY, -INFINITY, 40.0F}) {
    const auto network = std::make_shared<Doubling>();
    network->spoilt = wrong;
    Enlarger enlarger(network, 3, at::kCPU, {.bfloat16 = true});
    EXPECT_TRUE(at::allclose(enlarger.enlarge(image, false), doubled(unit(image)), 0, 1e-6));
    EXPECT_EQ(network->calls, 2);
    EXPECT_FALSE(network->in_bfloat16);
    EXPECT_EQ(enlarger.again(), 1);
    network->always = true;
    EXPECT_THROW(enlarger.enlarge(image, false), Error);
  }
}

TEST(EnlargerTest, SeamsAreHiddenWhereTheNetworkDoesNotLookTooFar) {
  const auto near = tiling_for({.scale = 2, .multiple_px = 1, .halo_px = 16}, 64);
  EXPECT_EQ(near.seams, Tiling::Seams::hidden);
  EXPECT_EQ(near.width_px, 64 + 2 * 16);
  const auto far = tiling_for({.scale = 2, .multiple_px = 1, .halo_px = 300}, 256);
  EXPECT_EQ(far.seams, Tiling::Seams::blended);
  EXPECT_EQ(far.width_px, 256 + 2 * 32);
  Enlarger enlarger(std::make_shared<Doubling>(), 3, at::kCPU, {});
  EXPECT_EQ(enlarger.rule(3).halo_px, 1);
  EXPECT_GE(enlarger.rule(4).halo_px, 2 + 4);  // bicubic alpha, and the colours behind it
  EXPECT_GE(enlarger.bytes_per_pixel(), 3 * 4 * 4);
}

TEST(EnlargerTest, ModelsOfOtherChannelsAreRefused) {
  EXPECT_THROW(Enlarger(std::make_shared<Doubling>(), 2, at::kCPU, {}), Error);
}

}  // namespace
}  // namespace forger
