#include <gtest/gtest.h>

#include "networks/catalog.h"
#include "networks/layers.h"
#include "networks/small_networks.h"

namespace forger {
namespace {

TEST(SpectralNormTest, MakesTheLargestSingularValueOne) {
  Linear linear({.inputs = 12, .outputs = 7, .bias = false, .spectral_norm = true}, make_random(1));
  const auto identity = at::eye(12);
  for (int pass = 0; pass < 50; ++pass) linear(identity);
  linear.eval();
  const auto singular = at::linalg_svdvals(linear(identity).detach());
  EXPECT_NEAR(singular[0].item<double>(), 1, 1e-4);
}

TEST(SpectralNormTest, IteratesInTrainingModeOnly) {
  Linear linear({.inputs = 12, .outputs = 7, .spectral_norm = true}, make_random(1));
  linear.named_parameters()["weight"].set_data(at::empty({7, 12}).normal_(0, 1, make_random(2)));
  const auto u = linear.named_buffers()["u"];
  const auto before = u.clone();
  linear.eval();
  linear(at::eye(12));
  EXPECT_TRUE(at::equal(u, before));
  linear.train();
  linear(at::eye(12));
  EXPECT_FALSE(at::equal(u, before));
}

TEST(SpectralNormTest, ReachesEveryWeightOfEveryDiscriminator) {
  for (const auto& network : discriminator_names()) {
    if (network == "r3") continue;
    auto options = discriminator_options(network);
    options.spectral_norm = true;
    const auto discriminator = make_discriminator(options, {1, 16, 16}, 2, make_random(1));
    for (const auto& module : discriminator->modules(/*include_self=*/false)) {
      const bool weighted = module->named_parameters(/*recurse=*/false).contains("weight");
      EXPECT_EQ(module->named_buffers(/*recurse=*/false).contains("u"), weighted) << network;
    }
  }
}

}  // namespace
}  // namespace forger
