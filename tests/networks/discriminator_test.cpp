#include <gtest/gtest.h>

#include "core/fail.h"
#include "networks/catalog.h"
#include "networks/small_networks.h"

namespace forger {
namespace {

TEST(DiscriminatorTest, EveryNormalizationAndSpectralNormWorks) {
  for (const auto& network : discriminator_names()) {
    for (const std::string normalization : {"batch", "instance", "none"}) {
      for (const bool spectral_norm : {false, true}) {
        if (network == "r3" && (normalization != "none" || spectral_norm)) continue;
        if (network == "mlp" && normalization == "instance") continue;
        auto options = discriminator_options(network);
        options.normalization = normalization;
        options.spectral_norm = spectral_norm;
        options.dropout = 0.25;
        const auto discriminator = make_discriminator(options, {3, 32, 32}, 2, make_random(1));
        discriminator->use_random(ItemRandom(4));
        const auto images = at::empty({3, 3, 32, 32}).normal_(0, 1, make_random(3));
        const auto logits = discriminator->forward(images, labels(2));
        EXPECT_TRUE(logits.isfinite().all().item<bool>()) << network << " " << normalization;
      }
    }
  }
}

TEST(DiscriminatorTest, DropoutDrawsFromThePassedGeneratorOnly) {
  for (const auto& network : discriminator_names()) {
    auto options = discriminator_options(network);
    options.dropout = 0.5;
    const auto discriminator = make_discriminator(options, {1, 16, 16}, 0, make_random(1));
    const auto images = at::empty({3, 1, 16, 16}).normal_(0, 1, make_random(3));
    EXPECT_THROW(discriminator->forward(images, {}), Error);
    const auto logits = [&](uint64_t seed) {
      discriminator->use_random(ItemRandom(seed));
      return discriminator->forward(images, {});
    };
    torch::manual_seed(5);
    const auto one = logits(1);
    torch::manual_seed(6);
    EXPECT_TRUE(at::equal(one, logits(1))) << network;
    EXPECT_FALSE(at::equal(one, logits(2))) << network;
    discriminator->use_random(ItemRandom(1));
    EXPECT_TRUE(at::allclose(discriminator->forward(images.narrow(0, 0, 1), {}), one.narrow(0, 0, 1), 1e-4, 1e-5))
        << network << ": alone or in a batch";
    discriminator->eval();
    EXPECT_TRUE(at::equal(logits(1), logits(2))) << network;
  }
}

}  // namespace
}  // namespace forger
