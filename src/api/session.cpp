#include "api/session.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>

#include <filesystem>

#include "api/learn_detector.h"
#include "config/game_table.h"
#include "config/schema.h"
#include "config/value.h"
#include "core/device.h"
#include "core/fail.h"
#include "core/local_processes.h"
#include "core/team.h"
#include "core/text.h"
#include "core/torch.h"
#include "data/source.h"
#include "games/catalog.h"

namespace forger {
namespace {

Config checked(Config config) {
  config.check();
  return config;
}

std::unique_ptr<Batches> make_batches(const Config& config, const OpenedData& data, c10::Device device,
                                      const Team* team) {
  BatchOptions options;
  options.flip = config.data.flip;
  options.cache_bytes = parse_bytes(config.data.cache, "data.cache");
  if (team) options.sharers = local_processes();
  options.max_bad = config.data.max_bad;
  options.workers = config.data.workers;
  options.seed = config.training.seed;
  if (team) options.rows = team->rows(config.training.batch_size / config.training.accumulate);
  options.device = device;
  return std::make_unique<Batches>(data.training, options);
}

}  // namespace

TrainingSession::TrainingSession(Config wanted, const TrainingHooks& hooks)
    : config(checked(std::move(wanted))),
      device(choose_device(config.training.device)),
      data(open_data(config)),
      objective(hooks.objective),
      team(hooks.team) {
  if (config.training.threads > 0) at::set_num_threads(static_cast<int>(config.training.threads));
  // A resumed run is the run that was not stopped, on CUDA too; this costs nothing that could be measured there.
  at::globalContext().setDeterministicCuDNN(true);
  check_detector_data(config, data);
  config = resolved(std::move(config), data);
  record = record_of(data);
  game = make_game(config, game_input(data, device, objective));
  record.files = game->files();
  batches = make_batches(config, data, device, team.get());
  trainer = std::make_unique<Trainer>(config.training, *game, *batches, team.get());
}

void TrainingSession::change(const Config& changed) {
  const auto progress = trainer->progress();
  config = checked(changed);
  game = make_game(config, game_input(data, device, objective));
  expect_files(record.files, *this);
  trainer = std::make_unique<Trainer>(config.training, *game, *batches, team.get());
  trainer->restore_weights(trainer->state().tensors, progress);
}

void expect_files(const std::map<std::string, std::string>& then, const TrainingSession& session) {
  const auto now = session.game->files();
  for (const auto& option : options()) {
    const auto before = then.find(option.key), found = now.find(option.key);
    if (before == then.end() || found == now.end() || before->second == found->second) continue;
    fail(
        "{}: received {} with checksum {}, accepted: checksum {}, as the run has read it; setting the key anew takes "
        "another file",
        option.key, value_in_toml(option, session.config), found->second, before->second);
  }
}

GameInput game_input(const OpenedData& data, c10::Device device, std::shared_ptr<const Objective> objective) {
  return {.shape = data.shape,
          .classes = data.classes,
          .device = device,
          .objective = std::move(objective),
          .source_shape = data.source_shape};
}

Config resolved(Config config, const OpenedData& data) {
  config.data.size = {data.shape.height, data.shape.width};
  config.data.channels = data.shape.channels;
  config.data.held_out = data.held_out_share;
  if (learns_translation(config)) config.pairs.channels = data.source_shape.channels;
  // A run goes on from other folders, too.
  config.degradation.low = source_from(std::filesystem::current_path(), config.degradation.low);
  auto& weights = config.super_resolution.perceptual_weights;
  if (!weights.empty()) weights = std::filesystem::absolute(weights).string();
  config.data.levels = data.levels == Levels{} ? "keep" : levels_text(data.levels);
  return config;
}

}  // namespace forger
