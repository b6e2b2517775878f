#include "networks/dcgan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "networks/catalog.h"
#include "networks/describe.h"
#include "networks/small_networks.h"

namespace forger {
namespace {

TEST(DcganTest, WidthDoublesDownToMaxWidth) {
  GeneratorOptions options;
  options.width = 8;
  options.max_width = 24;
  options.depth = 3;
  const auto parameters = make_generator(options, {3, 32, 32}, 0, make_random(1))->named_parameters();
  EXPECT_THAT(parameters["start.weight"].sizes().vec(), testing::ElementsAre(128, 24, 4, 4));
  EXPECT_THAT(parameters["up1.weight"].sizes().vec(), testing::ElementsAre(24, 16, 4, 4));
  EXPECT_THAT(parameters["up2.weight"].sizes().vec(), testing::ElementsAre(16, 8, 4, 4));
  EXPECT_THAT(parameters["up3.weight"].sizes().vec(), testing::ElementsAre(8, 3, 4, 4));
}

TEST(DcganTest, StartsAsPublished) {
  const auto parameters =
      make_generator(GeneratorOptions(), {3, 64, 64}, 0, make_random(1))->named_parameters();
  EXPECT_NEAR(parameters["up1.weight"].std().item<double>(), 0.02, 2e-4);
  EXPECT_NEAR(parameters["norm1.weight"].mean().item<double>(), 1, 5e-3);
  EXPECT_NEAR(parameters["norm1.weight"].std().item<double>(), 0.02, 2e-3);
  EXPECT_EQ(parameters["norm1.bias"].abs().max().item<double>(), 0);
}

TEST(DcganTest, DescriptionHasThePublishedCounts) {
  GeneratorOptions generator;
  generator.latent_size = 100;
  DiscriminatorOptions discriminator;
  discriminator.normalization = "batch";
  const auto text = describe_network(generator, {3, 64, 64}, 0) + describe_network(discriminator, {3, 64, 64}, 0);
  // The published networks' counts: 3,576,704 and 2,765,568 (PyTorch examples' DCGAN).
  EXPECT_THAT(text, testing::HasSubstr("generator dcgan, 3,576,704 parameters"));
  EXPECT_THAT(text, testing::HasSubstr("discriminator dcgan, 2,765,568 parameters"));
  EXPECT_THAT(text, testing::ContainsRegex("up4 +3x64x64 +3,072"));
}

TEST(DcganTest, AnEncoderGivesAsManyNumbersAsAreAskedFor) {
  EncoderOptions options;
  options.width = 4;
  for (const ImageShape& shape : {ImageShape{1, 28, 28}, ImageShape{4, 32, 48}}) {
    const auto encoder = make_encoder(options, shape, 10, make_random(1));
    const auto numbers = encoder->forward(at::zeros({3, shape.channels, shape.height, shape.width}));
    EXPECT_THAT(numbers.sizes().vec(), testing::ElementsAre(3, 10));
  }
}

TEST(DcganTest, FeaturesAreWhatTheLogitIsReadFrom) {
  auto options = discriminator_options("dcgan");
  options.normalization = "none";
  const auto discriminator = make_discriminator(options, {1, 16, 16}, 0, make_random(1));
  const auto images = at::empty({2, 1, 16, 16}).uniform_(-1, 1, make_random(2));
  const auto features = discriminator->features(images);
  const auto weights = discriminator->named_parameters();
  const auto logit = (features.flatten(1) * weights["logit.weight"].flatten()).sum(1) + weights["logit.bias"];
  EXPECT_LT((logit - discriminator->forward(images, {})).abs().max().item<double>(), 1e-5);
}

}  // namespace
}  // namespace forger
