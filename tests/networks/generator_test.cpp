#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "networks/catalog.h"
#include "networks/small_networks.h"

namespace forger {
namespace {

TEST(GeneratorTest, EveryUpsamplingAndNormalizationWorks) {
  for (const auto& network : generator_names()) {
    for (const std::string upsampling : {"transposed", "nearest", "bilinear"}) {
      for (const std::string normalization : {"batch", "none"}) {
        if (network == "r3" && normalization == "batch") continue;
        auto options = generator_options(network);
        options.upsampling = upsampling;
        options.normalization = normalization;
        const auto generator = make_generator(options, {3, 16, 32}, 2, make_random(1));
        const auto images = generator->forward(latents(), labels(2));
        EXPECT_THAT(images.sizes().vec(), testing::ElementsAre(3, 3, 16, 32));
        EXPECT_EQ(images.isfinite().all().item<bool>(), true);
      }
    }
  }
}

TEST(GeneratorTest, EvaluationModeTreatsEachLatentAlone) {
  for (const auto& network : generator_names()) {
    const auto generator = make_generator(generator_options(network), {3, 16, 16}, 0, make_random(1));
    generator->forward(latents(), {});
    generator->eval();
    const auto all = generator->forward(latents(), {});
    const auto one = generator->forward(latents().slice(0, 1, 2), {});
    EXPECT_LT((all[1] - one[0]).abs().max().item<float>(), 1e-5) << network;
  }
}

}  // namespace
}  // namespace forger
