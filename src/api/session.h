#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/shape.h"
#include "data/batches.h"
#include "data/data_record.h"
#include "data/open.h"
#include "forger/training.h"
#include "games/catalog.h"
#include "training/trainer.h"

namespace forger {

/// Data, game and trainer of one training, built from its configuration; nothing on disk is touched.
struct TrainingSession {
  /// `config` is checked; size and channels that the data decides are written into the session's copy.
  TrainingSession(Config config, const TrainingHooks& hooks);

  /// Goes on with another configuration of the same data, new networks and the trainer's clocks and counters.
  void change(const Config& changed);

  Config config;
  c10::Device device;
  OpenedData data;
  DataRecord record;
  std::shared_ptr<const Objective> objective;  // the caller's own, or null
  std::shared_ptr<Team> team;                  // null: this process trains alone
  std::unique_ptr<Batches> batches;
  std::unique_ptr<Game> game;
  std::unique_ptr<Trainer> trainer;
};

/// Throws Error where a file that the game reads by a key is not the one of `then` (`Game::files`).
void expect_files(const std::map<std::string, std::string>& then, const TrainingSession& session);

/// What the data decides about a game.
GameInput game_input(const OpenedData& data, c10::Device device, std::shared_ptr<const Objective> objective = nullptr);

/// The configuration with what the data decided.
Config resolved(Config config, const OpenedData& data);

}  // namespace forger
