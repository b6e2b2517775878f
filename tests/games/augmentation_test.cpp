#include "games/augmentation.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/random.h"
#include "core/torch.h"
#include "objectives/penalties.h"
#include "support/golden_json.h"

namespace forger {
namespace {

const AugmentationOptions kEverything{.flip = 0.5, .translation = 1, .color = 1, .cutout = 0.5};

at::Tensor noise(at::IntArrayRef shape, at::ScalarType type = at::kFloat) {
  return at::rand(shape, make_random(1), at::TensorOptions(type)) * 2 - 1;
}

TEST(AugmentationTest, EqualsDiffAugmentImageByImage) {
  const auto golden = read_golden("games/golden/augmentation.json");
  ASSERT_EQ(golden["cases"].size(), 7U);
  for (const auto& expected : golden["cases"]) {
    const auto& probability = expected["probability"];
    SCOPED_TRACE(probability.dump() + expected["shape"].dump());
    const AugmentationOptions options{.flip = probability.value("flip", 0.0),
                                      .translation = probability.value("translation", 0.0),
                                      .color = probability.value("color", 0.0),
                                      .cutout = probability.value("cutout", 0.0)};
    const auto shape = expected["shape"].get<std::vector<int64_t>>();
    const auto images = golden_tensor(expected["images"]).view(shape);
    for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
      const auto changed = augment(images.contiguous(format), options, ItemRandom(golden["seed"]));
      EXPECT_TRUE(at::allclose(changed, golden_tensor(expected["augmented"]).view(shape), 1e-5, 1e-6));
    }
  }
}

TEST(AugmentationTest, AnImageIsChangedTheSameInEveryBatch) {
  auto options = kEverything;
  options.noise = 0.1;
  const auto images = noise({40, 3, 8, 8});
  const auto many = augment(images, options, ItemRandom(1));
  EXPECT_TRUE(at::allclose(augment(images.narrow(0, 0, 5), options, ItemRandom(1)), many.narrow(0, 0, 5), 0, 1e-6));
}

TEST(AugmentationTest, ReturnsTheSameTensorWhenNothingIsAsked) {
  const auto images = noise({4, 3, 8, 8});
  EXPECT_TRUE(augment(images, {}, ItemRandom(1)).is_same(images));
}

TEST(AugmentationTest, ReturnsPointsUnchanged) {
  const auto points = noise({16, 2, 1, 1});
  EXPECT_TRUE(augment(points, kEverything, ItemRandom(1)).is_same(points));
}

TEST(AugmentationTest, KeepsShapeTypeAndMemoryFormat) {
  for (const int64_t channels : {1, 3, 4}) {
    for (const auto type : {at::kFloat, at::kBFloat16, at::kDouble}) {
      for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
        const auto images = noise({5, channels, 12, 7}, at::kDouble).to(type).contiguous(format);
        const auto changed = augment(images, kEverything, ItemRandom(2));
        EXPECT_EQ(changed.sizes(), images.sizes());
        EXPECT_EQ(changed.scalar_type(), type);
        EXPECT_TRUE(changed.is_contiguous(format));
        EXPECT_EQ(changed.suggest_memory_format(), images.suggest_memory_format());
        EXPECT_FALSE(at::equal(changed, images));
      }
    }
  }
}

TEST(AugmentationTest, SameSeedGivesTheSameImages) {
  const auto images = noise({8, 3, 16, 16});
  EXPECT_TRUE(at::equal(augment(images, kEverything, ItemRandom(3)), augment(images, kEverything, ItemRandom(3))));
  EXPECT_FALSE(at::equal(augment(images, kEverything, ItemRandom(3)), augment(images, kEverything, ItemRandom(4))));
}

TEST(AugmentationTest, ProbabilityIsTheShareOfImagesChanged) {
  const auto images = noise({4000, 1, 4, 4});
  for (const auto& options : {AugmentationOptions{.flip = 0.3}, AugmentationOptions{.color = 0.3}}) {
    const auto changed = augment(images, options, ItemRandom(5)).ne(images).flatten(1).any(1);
    EXPECT_NEAR(changed.to(at::kDouble).mean().item<double>(), 0.3, 0.03);  // four standard deviations
  }
}

TEST(AugmentationTest, FlipOfOneHundredPercentIsTheMirrorImage) {
  const auto images = noise({3, 3, 6, 5});
  EXPECT_TRUE(at::equal(augment(images, {.flip = 1}, ItemRandom(6)), images.flip(3)));
}

TEST(AugmentationTest, ColoursOfASourceAndItsImageChangeAlikeAndApart) {
  auto random = make_random(13);
  const auto source = at::empty({8, 1, 6, 6}).uniform_(-1, 1, random),
             image = at::empty({8, 3, 6, 6}).uniform_(-1, 1, random);
  const AugmentationOptions options{.flip = 0.5, .color = 1};
  const auto both = augment(at::cat({source, image}, 1), options, ItemRandom(4), /*source_channels=*/1);
  EXPECT_TRUE(at::allclose(both.narrow(1, 0, 1), augment(source, options, ItemRandom(4)), 0, 1e-6));
  EXPECT_TRUE(at::allclose(both.narrow(1, 1, 3), augment(image, options, ItemRandom(4)), 0, 1e-6));
}

TEST(AugmentationTest, ColorLeavesAlphaUntouched) {
  const auto images = noise({6, 4, 8, 8});
  const auto changed = augment(images, {.color = 1}, ItemRandom(7));
  EXPECT_TRUE(at::equal(changed.select(1, 3), images.select(1, 3)));
  EXPECT_FALSE(at::allclose(changed.narrow(1, 0, 3), images.narrow(1, 0, 3)));
}

TEST(AugmentationTest, DoesNotClampBrightness) {
  const auto changed = augment(at::ones({64, 3, 4, 4}), {.color = 1}, ItemRandom(8));
  EXPECT_GT(changed.max().item<double>(), 1.3);
}

TEST(AugmentationTest, CutoutBlanksAtMostHalfTheSides) {
  const auto blank = augment(at::ones({500, 1, 10, 12}), {.cutout = 1}, ItemRandom(9)).eq(0).sum({1, 2, 3});
  EXPECT_EQ(blank.max().item<int64_t>(), 5 * 6);
  EXPECT_GT(blank.min().item<int64_t>(), 0);
}

TEST(AugmentationTest, TranslationStaysWithinAnEighthAndReachesIt) {
  auto dot = at::zeros({500, 1, 16, 24});
  dot.select(2, 8).select(2, 12).fill_(1);
  const auto where = augment(dot, {.translation = 1}, ItemRandom(10)).nonzero();
  ASSERT_EQ(where.size(0), 500);
  const auto rows = where.select(1, 2), columns = where.select(1, 3);
  EXPECT_EQ(rows.min().item<int64_t>(), 8 - 2);
  EXPECT_EQ(rows.max().item<int64_t>(), 8 + 2);
  EXPECT_EQ(columns.min().item<int64_t>(), 12 - 3);
  EXPECT_EQ(columns.max().item<int64_t>(), 12 + 3);
}

TEST(AugmentationTest, GradientIsTheTransposeOfTheLinearChange) {
  // The change is affine in the images, A x + b, so <A u, v> = <u, A^T v> for any u and v.
  for (const int64_t channels : {1, 3, 4}) {
    const auto images = noise({6, channels, 9, 8}, at::kDouble).requires_grad_(true);
    const auto direction = at::randn({6, channels, 9, 8}, make_random(11), at::kDouble);
    const auto probe = at::randn({6, channels, 9, 8}, make_random(12), at::kDouble);
    const auto change = [&](const at::Tensor& x) { return augment(x, kEverything, ItemRandom(13)); };
    const auto forward = ((change(images + direction) - change(images)) * probe).sum();
    const auto gradient = torch::autograd::grad({(change(images) * probe).sum()}, {images})[0];
    EXPECT_NEAR(forward.item<double>(), (gradient * direction).sum().item<double>(), 1e-9);
  }
}

TEST(AugmentationTest, PenaltiesDifferentiateThroughIt) {
  // D(x) = w . A x has the slope A^T w: the penalty is |A^T w|^2 and its gradient 2 A A^T w, checked by
  // differences.
  const auto images = noise({4, 3, 8, 8});
  const auto penalty = [&](const at::Tensor& weight) {
    const Critic critic = [&](const at::Tensor& x) {
      return (augment(x, kEverything, ItemRandom(14)) * weight).sum({1, 2, 3});
    };
    return zero_centered_penalty(critic, images);
  };
  const auto weight = at::randn({3, 8, 8}, make_random(15)).requires_grad_(true);
  const auto direction = at::randn({3, 8, 8}, make_random(16));
  const auto gradient = torch::autograd::grad({penalty(weight)}, {weight})[0];
  const auto plain = weight.detach();
  // The penalty is quadratic in the weight, so central differences are exact but for rounding.
  const auto difference = (penalty(plain + direction) - penalty(plain - direction)) / 2;
  const double expected = (gradient * direction).sum().item<double>();
  EXPECT_NEAR(difference.item<double>(), expected, 1e-3 * std::abs(expected) + 1e-3);
  EXPECT_GT(gradient.abs().max().item<double>(), 0);
}

TEST(AugmentationTest, KindsOfLabelMapsKeepTheirColours) {
  const auto images = at::rand({4, 5 + 3, 6, 6});
  const AugmentationOptions options{.color = 1};
  const auto changed = augment(images, options, ItemRandom(3), 5, /*sources_are_kinds=*/true);
  EXPECT_TRUE(at::equal(changed.narrow(1, 0, 5), images.narrow(1, 0, 5)));
  const auto alike = augment(images, options, ItemRandom(3), 5);
  EXPECT_FALSE(at::equal(alike.narrow(1, 0, 5), images.narrow(1, 0, 5)));
  EXPECT_TRUE(at::equal(changed.narrow(1, 5, 3), alike.narrow(1, 5, 3)));
}

}  // namespace
}  // namespace forger
