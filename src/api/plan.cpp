#include <sys/resource.h>

#include <chrono>

#include "api/learn_detector.h"
#include "api/session.h"
#include "core/clock.h"
#include "core/device.h"
#include "core/random.h"
#include "core/text.h"
#include "core/torch.h"
#include "data/conversion.h"
#include "games/catalog.h"

namespace forger {
namespace {

constexpr int kWarmUpSteps = 2;
constexpr int kMeasuredSteps = 3;

int64_t peak_memory_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

/// Seconds for 1,000 real images, over a few steps of a game that is thrown away.
double measure_game(Game& game, const Config& config, const OpenedData& data, c10::Device device) {
  const int64_t count = config.training.batch_size;
  int64_t images = 0;
  const auto random_images = [&](const ImageShape& shape) {
    auto random = make_random(1);
    return at::empty({count, shape.channels, shape.height, shape.width},
                     at::dtype(at::kFloat).memory_format(at::MemoryFormat::ChannelsLast))
        .uniform_(-1, 1, random)
        .to(device);
  };
  const auto random_batch = [&] {
    images += count;
    return Batch{.images = random_images(data.shape),
                 .sources = data.source_shape.numbers() > 0 ? random_images(data.source_shape) : at::Tensor(),
                 .labels = at::zeros({count}, at::dtype(at::kLong).device(device))};
  };
  auto started = std::chrono::steady_clock::now();
  for (int step = 1; step <= kWarmUpSteps + kMeasuredSteps; ++step) {
    if (step == kWarmUpSteps + 1) {
      started = std::chrono::steady_clock::now();
      images = 0;
    }
    game.step({step, ItemRandom(1), random_batch});
  }
  return seconds_since(started) * 1000 / static_cast<double>(images);
}

}  // namespace

TrainingPlan plan_training(const Config& wanted) {
  wanted.check();
  const auto device = choose_device(wanted.training.device);
  const auto data = open_data(wanted);
  check_detector_data(wanted, data);
  TrainingPlan plan;
  plan.config = resolved(wanted, data);
  plan.training_images = data.training->size();
  plan.held_out_images = data.held_out->size();
  for (const auto& note : conversion_notes(data, wanted.data))
    plan.conversion.push_back(note.subject + ": " + note.text);
  for (const auto& reason : data.incomplete) plan.notices.push_back("incomplete: " + reason);
  plan.notices.insert(plan.notices.end(), data.notices.begin(), data.notices.end());
  const auto game = make_game(plan.config, game_input(data, device));
  plan.networks = game->describe();
  plan.seconds_per_1000_images = measure_game(*game, plan.config, data, device);
  const int64_t decoded = data.shape.numbers() * data.training->size();
  const int64_t cache = parse_bytes(plan.config.data.cache, "data.cache");
  plan.memory_bytes = peak_memory_bytes() + (decoded <= cache ? decoded : 0);
  return plan;
}

}  // namespace forger
