#include "networks/dcgan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "forger/error.h"
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
  const auto parameters = make_generator(GeneratorOptions(), {3, 64, 64}, 0, make_random(1))->named_parameters();
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
    const auto encoder = make_encoder(options, shape, {.numbers = 10}, make_random(1));
    const auto numbers = encoder->forward(at::zeros({3, shape.channels, shape.height, shape.width}));
    EXPECT_THAT(numbers.sizes().vec(), testing::ElementsAre(3, 10));
  }
}

TEST(DcganTest, APlaceOfAConvolutionalLatentStandsForAPartOfTheImage) {
  const ImageShape shape{3, 64, 96};
  GeneratorOptions options;
  options.width = 8;
  options.normalization = "none";
  options.convolutional_latent = true;
  options.depth = 3;
  options.latent_size = 2 * 8 * 12;
  const auto generator = make_generator(options, shape, 0, make_random(1));
  const auto latent = at::empty({1, options.latent_size}).normal_(0, 1, make_random(2));
  auto changed = latent.clone();
  changed.view({2, 8, 12}).select(1, 0).select(1, 0).add_(3);  // the place at the upper left
  const auto difference = (generator->forward(changed, {}) - generator->forward(latent, {})).abs().amax(1)[0];
  EXPECT_GT(difference.narrow(0, 0, 8).narrow(1, 0, 8).max().item<double>(), 0);
  EXPECT_EQ(difference.narrow(0, 40, 24).max().item<double>(), 0);
  EXPECT_EQ(difference.narrow(1, 40, 56).max().item<double>(), 0);
}

TEST(DcganTest, AConvolutionalCodeIsAsLargeAsTheGeneratorsFirstGrid) {
  const ImageShape shape{1, 64, 64};
  GeneratorOptions generator;
  generator.width = 4;
  generator.convolutional_latent = true;
  generator.depth = 3;
  generator.latent_size = 5 * 64;
  const auto code = code_shape(generator, shape, "kl");
  EXPECT_EQ(code.numbers, 2 * 5 * 64);
  EXPECT_EQ(code.height, 8);
  EncoderOptions options;
  options.width = 4;
  options.depth = 3;
  const auto encoder = make_encoder(options, shape, code, make_random(1));
  EXPECT_THAT(encoder->forward(at::zeros({2, 1, 64, 64})).sizes().vec(), testing::ElementsAre(2, 640));

  options.depth = 4;
  EXPECT_THROW(make_encoder(options, shape, code, make_random(1)), Error);
  options.network = "mlp";
  EXPECT_THROW(make_encoder(options, shape, code, make_random(1)), Error);
  generator.latent_size = 100;  // not as many for each of 64 places
  EXPECT_THROW(make_generator(generator, shape, 0, make_random(1)), Error);
  generator.latent_size = 64;
  EXPECT_THROW(make_generator(generator, shape, /*classes=*/2, make_random(1)), Error);
  generator.network = "resnet";
  EXPECT_THROW(make_generator(generator, shape, 0, make_random(1)), Error);
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
