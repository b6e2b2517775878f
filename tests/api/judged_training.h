#pragma once

#include "forger/config.h"

namespace forger {

/// A training of 12 steps that the referee looks at three times.
inline Config judged_training() {
  Config config;
  config.data.source = "synthetic:shapes";
  config.data.size = {16, 16};
  config.data.channels = 3;
  config.data.held_out = 0.01;
  config.generator.width = 8;
  config.generator.latent_size = 16;
  config.discriminator.width = 8;
  config.discriminator.normalization = "batch";
  config.discriminator.dropout = 0.2;
  config.training.batch_size = 8;
  config.training.steps = 12;
  config.training.tensorboard = false;
  config.referee.every_steps = 4;
  config.referee.start_steps = 0;
  return config;
}

}  // namespace forger
