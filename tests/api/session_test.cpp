#include "api/session.h"

#include <gmock/gmock.h>

#include "forger/error.h"
#include "support/temporary_folder.h"
#include "support/vgg19_file.h"

namespace forger {
namespace {

TEST(TrainingSessionTest, MendingNoticesAFileThatChangedUnderTheRun) {
  const TemporaryFolder folder;
  const auto weights = folder / "vgg19.safetensors";
  write_vgg19(weights);
  Config config;
  config.game = "super-resolution";
  config.data.source = "synthetic:shapes";
  config.data.size = {16, 16};
  config.data.channels = 3;
  config.upscaler.network = "compact";
  config.upscaler.scale = 2;
  config.upscaler.features = 4;
  config.upscaler.blocks = 1;
  config.discriminator.width = 4;
  config.objective.name = "relativistic-average";
  config.super_resolution.adversary = 0.1;
  config.super_resolution.features = 0.5;
  config.super_resolution.perceptual_weights = weights.string();
  TrainingSession session(config, {});

  Config mended = session.config;
  mended.discriminator.learning_rate /= 2;
  session.change(mended);
  EXPECT_EQ(session.config.discriminator.learning_rate, mended.discriminator.learning_rate);

  write_vgg19(weights, 2);
  try {
    session.change(mended);
    FAIL() << "the file is another one";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                testing::AllOf(testing::StartsWith("super_resolution.perceptual_weights: received"),
                               testing::HasSubstr(weights.string()), testing::HasSubstr("accepted: checksum")));
  }
}

}  // namespace
}  // namespace forger
