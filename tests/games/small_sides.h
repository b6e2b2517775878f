#pragma once

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <string>

#include "games/catalog.h"
#include "games/small_steps.h"

namespace forger {

/// For images this small, several threads only wait for each other.
class OnOneThread : public testing::Test {
 protected:
  void SetUp() override { at::set_num_threads(1); }
  void TearDown() override { at::set_num_threads(threads_); }

 private:
  int threads_ = at::get_num_threads();
};

inline GameInput sides_input(int64_t channels, int64_t source_channels) {
  return {.shape = {channels, 8, 12}, .source_shape = {source_channels, 8, 12}};
}

inline Config small_sides(const std::string& game) {
  Config config;
  config.game = game;
  config.translator.network = "resnet";
  config.translator.width = 4;
  config.translator.blocks = 2;
  config.translator.ema = 0.9;
  config.discriminator.network = "patch";
  config.discriminator.width = 4;
  config.discriminator.depth = 1;
  config.objective.name = "least-squares";
  config.cycle.pool = 6;
  config.contrast.places = 20;
  config.contrast.width = 8;
  config.training.batch_size = 4;
  config.training.precision = "float32";
  return config;
}

/// Smooth colours on both sides, which do not belong to each other.
inline StepInput two_kinds(int64_t step, int64_t channels = 3, int64_t source_channels = 3) {
  auto random = make_random(static_cast<uint64_t>(step));
  return {step, ItemRandom(static_cast<uint64_t>(step)), [random, channels, source_channels]() mutable {
            const auto drawn = [&](int64_t some) {
              return at::upsample_nearest2d(at::empty({4, some, 2, 3}).uniform_(-1, 1, random), {8, 12});
            };
            const auto images = drawn(channels);
            return Batch{.images = images, .sources = drawn(source_channels).abs()};
          }};
}

}  // namespace forger
