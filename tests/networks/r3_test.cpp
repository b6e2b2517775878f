#include "networks/r3.h"

#include <gtest/gtest.h>

#include "networks/catalog.h"
#include "networks/small_networks.h"

namespace forger {
namespace {

TEST(R3Test, GeneratorStartsAsASumOfItsShortcuts) {
  const auto generator = make_generator(generator_options("r3"), {3, 16, 16}, 0, make_random(1));
  for (const auto& parameter : generator->named_parameters()) {
    if (parameter.key().find("contract") == std::string::npos) continue;
    EXPECT_EQ(parameter.value().abs().max().item().toFloat(), 0) << parameter.key();
  }
}

}  // namespace
}  // namespace forger
