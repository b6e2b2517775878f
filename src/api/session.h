#pragma once

#include <memory>

#include "core/shape.h"
#include "data/batches.h"
#include "data/open.h"
#include "forger/training.h"
#include "games/game.h"
#include "training/trainer.h"

namespace forger {

/// Data, game and trainer of one training, built from its configuration; nothing on disk is touched.
struct TrainingSession {
  /// `config` is checked; size and channels that the data decides are written into the session's copy.
  TrainingSession(Config config, const TrainingHooks& hooks);

  Config config;
  c10::Device device;
  OpenedData data;
  std::unique_ptr<Batches> batches;
  std::unique_ptr<Game> game;
  std::unique_ptr<Trainer> trainer;
};

/// The configuration with what the data decided.
Config resolved(Config config, const OpenedData& data);

}  // namespace forger
