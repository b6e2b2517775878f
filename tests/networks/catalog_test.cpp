#include "networks/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "core/fail.h"
#include "networks/small_networks.h"

namespace forger {
namespace {

std::string generator_error(const std::function<void(GeneratorOptions&)>& change, ImageShape shape) {
  GeneratorOptions options;
  change(options);
  try {
    make_generator(options, shape, 0, make_random(1));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string discriminator_error(const std::function<void(DiscriminatorOptions&)>& change, ImageShape shape) {
  DiscriminatorOptions options;
  change(options);
  try {
    make_discriminator(options, shape, 0, make_random(1));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(CatalogTest, GeneratorErrorsSayWhatIsAccepted) {
  using testing::HasSubstr;
  const ImageShape shape{3, 32, 32};
  EXPECT_THAT(generator_error([](auto& o) { o.network = "dcgam"; }, shape), HasSubstr("did you mean \"dcgan\""));
  EXPECT_THAT(generator_error([](auto& o) { o.upsampling = "nearst"; }, shape), HasSubstr("did you mean \"nearest\""));
  EXPECT_THAT(generator_error([](auto& o) { o.width = 0; }, shape), HasSubstr("generator.width: received 0"));
  EXPECT_THAT(generator_error([](auto& o) { o.network = "r3"; }, shape),
              HasSubstr("accepted by the network \"r3\": none"));
  EXPECT_THAT(generator_error([](auto&) {}, {2, 1, 1}), HasSubstr("accepted for points: mlp"));
}

TEST(CatalogTest, SizesThatDoNotFitNameTheNearestThatDo) {
  using testing::HasSubstr;
  EXPECT_THAT(generator_error([](auto&) {}, {3, 30, 30}), HasSubstr("28x28, 32x32"));
  EXPECT_THAT(generator_error([](auto&) {}, {3, 31, 36}), HasSubstr("28x36, 32x40"));
  EXPECT_THAT(generator_error([](auto& o) { o.depth = 4; }, {3, 28, 28}), HasSubstr("16x16, 32x32"));
  EXPECT_THAT(generator_error([](auto& o) { o.depth = 60; }, {3, 28, 28}), HasSubstr("received images of 28x28"));
  EXPECT_THAT(generator_error([](auto&) {}, {3, 3, 300}), HasSubstr("received images of 3x300"));
  EXPECT_THAT(discriminator_error([](auto&) {}, {3, 30, 30}), HasSubstr("28x28, 32x32"));
}

TEST(CatalogTest, DiscriminatorErrorsSayWhatIsAccepted) {
  using testing::HasSubstr;
  const ImageShape shape{3, 32, 32};
  EXPECT_THAT(discriminator_error([](auto& o) { o.normalization = "layer"; }, shape),
              HasSubstr("batch, instance, none"));
  EXPECT_THAT(discriminator_error([](auto& o) { o.dropout = 1; }, shape),
              HasSubstr("discriminator.dropout: received 1"));
  EXPECT_THAT(discriminator_error([](auto& o) { o.network = "pytorch-gan"; }, {2, 1, 1}),
              HasSubstr("accepted for points: mlp"));
  EXPECT_THAT(discriminator_error([](auto& o) { o.depth = 5, o.normalization = "instance"; }, shape),
              HasSubstr("one pixel"));
}

}  // namespace
}  // namespace forger
