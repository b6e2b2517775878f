#pragma once

#include <string>

#include "forger/config.h"

namespace forger {

/// Small images and networks, batches of 8.
inline Config small_config() {
  Config config;
  config.data.source = "synthetic:shapes";
  config.data.size = {16, 16};
  config.data.channels = 3;
  config.generator.width = 8;
  config.generator.latent_size = 16;
  config.discriminator.width = 8;
  config.discriminator.dropout = 0.2;
  config.training.batch_size = 8;
  config.training.tensorboard = false;
  return config;
}

/// A training of 12 steps that the referee looks at three times.
inline Config judged_training() {
  Config config = small_config();
  config.data.held_out = 0.01;
  config.discriminator.normalization = "batch";
  config.training.steps = 12;
  config.referee.every_steps = 4;
  config.referee.start_steps = 0;
  return config;
}

/// Every moving part at once: EMA, lazy penalties, augmentation, dropout, batch statistics, flips, schedule.
inline Config busy_config(const std::string& precision) {
  Config config = small_config();
  config.data.flip = true;
  config.objective.r1 = 1;
  config.objective.penalty_every = 3;
  config.augmentation.color = 0.5;
  config.augmentation.translation = 0.5;
  config.augmentation.cutout = 0.3;
  config.augmentation.flip = 0.5;
  config.augmentation.adaptive = true;
  config.training.steps = 10;
  config.training.schedule = "cosine";
  config.training.checkpoint_steps = 4;
  config.training.precision = precision;
  return config;
}

/// An encoder, all three discriminators, turns, and a detector in the model file.
inline Config detector_config() {
  Config config = busy_config("float32");
  config.game = "autoencoding";
  config.data.flip = false;
  config.objective = {};
  config.objective.name = "density-ratio";
  config.encoder.width = 8;
  config.discriminator.rotations = 1;
  config.pixel_discriminator.width = 4;
  config.pixel_discriminator.turns_per_step = 2;
  config.autoencoding.codes = "adversarial";
  config.autoencoding.code_noise = 0.3;
  config.autoencoding.adaptive_code_noise = true;
  config.autoencoding.adversary = 1;
  config.code_discriminator.width = 16;
  config.detector.normals = 40;
  config.data.held_out = 0.001;
  return config;
}

}  // namespace forger
