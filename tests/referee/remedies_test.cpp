#include "referee/remedies.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace forger {
namespace {

/// Whether penalties are among what mends a discriminator that is too strong.
bool advises_penalties(const std::string& network, const std::string& normalization) {
  Config config;
  config.discriminator.network = network;
  config.discriminator.normalization = normalization;
  const auto remedies = remedies_for(State::discriminator_too_strong, config, Texts::in("en"));
  return std::any_of(remedies.begin(), remedies.end(), [](const Remedy& remedy) {
    return std::any_of(remedy.settings.begin(), remedy.settings.end(),
                       [](const auto& setting) { return setting.first == "objective.r1" && setting.second != "0"; });
  });
}

TEST(RemediesTest, PenaltiesAreForDiscriminatorsWithoutBatchNormalisation) {
  for (const char* network : {"dcgan", "pytorch-gan"}) {
    EXPECT_FALSE(advises_penalties(network, "batch")) << network;
    EXPECT_TRUE(advises_penalties(network, "instance")) << network;
    EXPECT_TRUE(advises_penalties(network, "none")) << network;
  }
}

}  // namespace
}  // namespace forger
