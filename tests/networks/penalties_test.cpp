#include "config/penalties.h"

#include <gtest/gtest.h>

#include "core/fail.h"
#include "networks/catalog.h"
#include "networks/small_networks.h"

namespace forger {
namespace {

/// Whether an image's logit depends on the images beside it.
bool mixes_images(Discriminator& network) {
  auto random = make_random(3);
  auto images = at::empty({4, 1, 16, 16}).uniform_(-1, 1, random);
  const auto alone = network.forward(images, {}).index({0});
  images.slice(0, 1).mul_(0.1);
  return !at::allclose(network.forward(images, {}).index({0}), alone, 0, 1e-6);
}

TEST(PenaltiesTest, AreRefusedJustWhereANetworkMixesImages) {
  int64_t built = 0;
  for (const auto& name : discriminator_names()) {
    for (const char* normalization : {"batch", "instance", "none"}) {
      DiscriminatorOptions options;
      options.network = name;
      options.normalization = normalization;
      options.width = 4;
      options.max_width = 8;
      options.depth = 2;
      std::shared_ptr<Discriminator> network;
      try {
        network = make_discriminator(options, {1, 16, 16}, 0, make_random(1));
      } catch (const Error&) {
        continue;  // this network has no such normalisation
      }
      ++built;
      EXPECT_EQ(takes_penalties(options), !mixes_images(*network)) << name << " " << normalization;
    }
  }
  EXPECT_GE(built, 11);
}

}  // namespace
}  // namespace forger
