#include "config/architecture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "forger/error.h"

namespace forger {
namespace {

using nlohmann::ordered_json;
using testing::StartsWith;

std::string refusal_of_description(const std::string& section, const char* json) {
  const Config untouched;
  Config config;
  try {
    take_architecture(config, section, ordered_json::parse(json), "model.safetensors");
    return "";
  } catch (const Error& error) {
    EXPECT_TRUE(config == untouched) << "a refused description must change nothing";
    return error.what();
  }
}

TEST(ArchitectureTest, HoldsWhatShapesANetworkWithItsTypes) {
  EXPECT_EQ(architecture_of({}, "generator").dump(),
            R"({"network":"dcgan","width":64,"max_width":512,"depth":0,"upsampling":"transposed",)"
            R"("normalization":"batch","latent_size":128,"convolutional_latent":false,"latent":"normal"})");
  EXPECT_EQ(architecture_of({}, "discriminator").dump(),
            R"({"network":"dcgan","width":64,"max_width":512,"depth":0,"normalization":"none",)"
            R"("spectral_norm":false,"rotations":0.0})");
  EXPECT_EQ(architecture_of({}, "encoder").dump(),
            R"({"network":"dcgan","width":64,"max_width":512,"depth":0,"normalization":"batch"})");
  EXPECT_EQ(architecture_of({}, "pixel_discriminator").dump(), R"({"width":0})");
}

TEST(ArchitectureTest, ComesBackAsItWas) {
  Config config;
  config.discriminator.network = "mlp";
  config.discriminator.width = 3;
  config.discriminator.normalization = "batch";
  config.discriminator.spectral_norm = true;
  config.discriminator.rotations = 0.1;
  Config back;
  const auto written = ordered_json::parse(architecture_of(config, "discriminator").dump());
  take_architecture(back, "discriminator", written, "x");
  EXPECT_TRUE(back == config);
}

TEST(ArchitectureTest, AMissingKeyTakesTheDefault) {
  Config config;
  config.discriminator.rotations = 2;
  config.discriminator.learning_rate = 0.5;
  take_architecture(config, "discriminator", ordered_json::parse(R"({"width": 7})"), "x");
  EXPECT_EQ(config.discriminator.width, 7);
  EXPECT_EQ(config.discriminator.rotations, 0);
  EXPECT_EQ(config.discriminator.learning_rate, 0.5);  // no part of the architecture
}

TEST(ArchitectureTest, RefusesWhatARecipeWouldNotTake) {
  EXPECT_EQ(refusal_of_description("generator", R"({"width": 0})"),
            "model.safetensors: generator.width: received 0, accepted: a whole number from 1 to 8192");
  EXPECT_THAT(refusal_of_description("generator", R"({"network": "dcgam"})"),
              StartsWith("model.safetensors: generator.network: received \"dcgam\", accepted: mlp, dcgan"));
  for (const char* wrong :
       {R"({"width": "64"})", R"({"width": 1.5})", R"({"width": 18446744073709551615})", R"({"width": null})",
        R"({"width": [64]})", R"({"convolutional_latent": 1})", R"({"latent_size": -1})"}) {
    EXPECT_THAT(refusal_of_description("generator", wrong), StartsWith("model.safetensors: generator.")) << wrong;
  }
  EXPECT_THAT(refusal_of_description("generator", "[]"), StartsWith("model.safetensors: generator: received []"));
}

TEST(ArchitectureTest, RefusesAKeyThatIsNoneOfTheArchitecture) {
  for (const char* wrong : {R"({"learning_rate": 0.1})", R"({"attention": true})", R"({"": 1})"}) {
    EXPECT_THAT(refusal_of_description("encoder", wrong), testing::HasSubstr("this version does not know")) << wrong;
  }
}

}  // namespace
}  // namespace forger
