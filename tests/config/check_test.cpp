#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "forger/config.h"
#include "forger/error.h"

namespace forger {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string refusal(const std::function<void(Config&)>& change) {
  Config config;
  change(config);
  try {
    config.check();
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(CheckTest, RangesHoldForStructsThatAProgramFilled) {
  EXPECT_THAT(refusal([](Config& c) { c.training.batch_size = 0; }), StartsWith("training.batch_size: received 0"));
  EXPECT_THAT(refusal([](Config& c) { c.training.seed = ~uint64_t{0}; }), StartsWith("training.seed: received"));
  EXPECT_THAT(refusal([](Config& c) { c.data.size = {32}; }), StartsWith("data.size: received [32]"));
  EXPECT_THAT(refusal([](Config& c) { c.objective.name = "hing"; }), HasSubstr("did you mean \"hinge\"?"));
}

TEST(CheckTest, BatchNormalisationDoesNotGoWithPenalties) {
  for (auto weight : {&ObjectiveOptions::r1, &ObjectiveOptions::r2, &ObjectiveOptions::gradient_penalty}) {
    const auto batch = [&](Config& c) {
      c.discriminator.normalization = "batch";
      c.objective.*weight = 1;
    };
    EXPECT_THAT(refusal(batch), AllOf(StartsWith("objective."), HasSubstr("discriminator.normalization = \"batch\"")));
    const auto peer = [&](const char* normalization) {
      return [normalization, weight](Config& c) {
        c.discriminator.network = "pytorch-gan";
        c.discriminator.normalization = normalization;
        c.objective.*weight = 1;
      };
    };
    EXPECT_THAT(refusal(peer("batch")), HasSubstr("discriminator.normalization = \"batch\""));
    EXPECT_EQ(refusal(peer("none")), "");
    EXPECT_EQ(refusal(peer("instance")), "");
    EXPECT_EQ(refusal([&](Config& c) { c.objective.*weight = 1; }), "");
  }
}

TEST(CheckTest, WassersteinClipsAndOnlyWasserstein) {
  EXPECT_EQ(refusal([](Config& c) { c.objective = {.name = "wasserstein", .clip = 0.1}; }), "");
  EXPECT_THAT(refusal([](Config& c) { c.objective.clip = 0.1; }), StartsWith("objective.clip: received 0.1 with"));
  EXPECT_THAT(refusal([](Config& c) { c.objective = {.name = "wasserstein", .gradient_penalty = 1}; }),
              HasSubstr("wasserstein-gp"));
  EXPECT_THAT(refusal([](Config& c) { c.objective.name = "wasserstein-gp"; }),
              StartsWith("objective.gradient_penalty: received 0"));
}

TEST(CheckTest, AdaptiveAugmentationNeedsAZeroAndACap) {
  Config config = Config::from_recipe("fast");
  config.augmentation.adaptive = true;
  config.augmentation.color = 0.8;
  EXPECT_NO_THROW(config.check());
  config.augmentation.color = 0.9;
  EXPECT_THROW(config.check(), Error);
  config.augmentation.color = 0.5;
  config.objective.name = "relativistic";
  EXPECT_THROW(config.check(), Error);
}

TEST(CheckTest, LabelSmoothingNeedsTargets) {
  EXPECT_EQ(refusal([](Config& c) { c.objective.label_smoothing = 0.1; }), "");
  EXPECT_THAT(refusal([](Config& c) { c.objective = {.name = "hinge", .label_smoothing = 0.1}; }),
              StartsWith("objective.label_smoothing: received 0.1"));
}

TEST(CheckTest, BatchNormalisationOfNumbersWantsTwoImages) {
  EXPECT_EQ(refusal([](Config& c) {
              c.upscaler.network = "dat";
              c.training = {.batch_size = 4, .accumulate = 2};
            }),
            "");
  EXPECT_THAT(refusal([](Config& c) {
                c.upscaler.network = "dat";
                c.training = {.batch_size = 4, .accumulate = 4};
              }),
              StartsWith("training.batch_size: received 4 in 4 parts"));
}

TEST(CheckTest, AccumulationDividesTheBatch) {
  EXPECT_EQ(refusal([](Config& c) { c.training.accumulate = 4; }), "");
  EXPECT_THAT(refusal([](Config& c) { c.training.accumulate = 3; }), StartsWith("training.accumulate: received 3"));
}

TEST(CheckTest, ScheduleNeedsALength) {
  EXPECT_THAT(refusal([](Config& c) { c.training.schedule = "linear"; }), StartsWith("training.schedule: received"));
  EXPECT_EQ(refusal([](Config& c) {
              c.training.schedule = "linear";
              c.training.minutes = 0.5;
            }),
            "");
  EXPECT_EQ(refusal([](Config& c) {
              c.training.schedule = "cosine";
              c.training.images = 1000;
              c.training.warmup_steps = 10;
            }),
            "");
  EXPECT_EQ(refusal([](Config& c) {
              c.training.schedule = "cosine";
              c.training.schedule_steps = 10;
            }),
            "");
  EXPECT_EQ(refusal([](Config& c) {
              c.training.schedule = "linear";
              c.training.steps = 10;
            }),
            "");
  EXPECT_THAT(refusal([](Config& c) {
                c.training.schedule = "linear";
                c.training.steps = 10;
                c.training.warmup_steps = 10;
              }),
              StartsWith("training.warmup_steps: received 10"));
}

TEST(CheckTest, TwoChannelsAreForPoints) {
  EXPECT_THAT(refusal([](Config& c) { c.data.channels = 2; }), StartsWith("data.channels: received 2"));
  EXPECT_EQ(refusal([](Config& c) {
              c.data.channels = 2;
              c.data.source = "synthetic:ring8";
            }),
            "");
}

TEST(CheckTest, WidthIsAtMostMaxWidth) {
  EXPECT_THAT(refusal([](Config& c) { c.generator.max_width = 32; }), StartsWith("generator.max_width: received 32"));
}

TEST(CheckTest, AutoencodingRefusesWhatItDoesNotPlay) {
  const auto with = [](const std::function<void(Config&)>& change) {
    return refusal([&](Config& c) {
      c.game = "autoencoding";
      change(c);
    });
  };
  EXPECT_EQ(with([](Config&) {}), "");
  EXPECT_THAT(with([](Config& c) { c.data.labels = true; }), StartsWith("data.labels: received true with game"));
  EXPECT_THAT(with([](Config& c) { c.encoder.turns_per_step = 2; }), StartsWith("encoder.turns_per_step: received 2"));
  EXPECT_THAT(with([](Config& c) { c.objective.name = "wasserstein"; }),
              HasSubstr("accepted: minimax, non-saturating"));
  EXPECT_THAT(with([](Config& c) { c.autoencoding.features = 1; }), HasSubstr("without a discriminator"));
  EXPECT_THAT(with([](Config& c) { c.generator.latent = "uniform"; }), StartsWith("generator.latent: received"));
  EXPECT_THAT(with([](Config& c) { c.autoencoding.code_noise = 0.5; }),
              StartsWith("autoencoding.code_noise: received 0.5"));
  EXPECT_THAT(with([](Config& c) { c.autoencoding.adaptive_code_noise = true; }),
              StartsWith("autoencoding.adaptive_code_noise: received true"));
  EXPECT_THAT(with([](Config& c) { c.autoencoding.code_mismatch = 1; }),
              StartsWith("autoencoding.code_mismatch: received 1"));
  EXPECT_THAT(with([](Config& c) { c.autoencoding.reconstruction = 0; }), StartsWith("autoencoding.reconstruction"));
}

TEST(CheckTest, DetectionNeedsAnAutoencodingGameWithADiscriminator) {
  EXPECT_THAT(refusal([](Config& c) { c.detector.normals = 10; }), StartsWith("detector.normals: received 10"));
  EXPECT_THAT(refusal([](Config& c) { c.discriminator.rotations = 1; }),
              StartsWith("discriminator.rotations: received 1"));
  EXPECT_EQ(refusal([](Config& c) {
              c.game = "autoencoding";
              c.autoencoding.adversary = 1;
              c.detector.normals = 10;
              c.discriminator.rotations = 1;
            }),
            "");
}

}  // namespace
}  // namespace forger
