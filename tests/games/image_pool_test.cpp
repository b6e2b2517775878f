#include "games/image_pool.h"

#include <gtest/gtest.h>

#include "core/torch.h"

namespace forger {
namespace {

/// Images known by their level.
at::Tensor levels(double first, int64_t count) {
  return at::arange(first, first + static_cast<double>(count), at::kFloat).view({count, 1, 1, 1}).expand({-1, 1, 2, 2});
}

double level_at(const at::Tensor& images, int64_t i) { return images[i].mean().item<double>(); }

TEST(ImagePoolTest, ShowsFakesThemselvesWhileThereIsRoom) {
  ImagePool pool(4, {1, 2, 2}, c10::kCPU);
  EXPECT_TRUE(at::equal(pool.shown_for(levels(1, 4), ItemRandom(1)), levels(1, 4)));
  pool.keep();
  TensorMap state;
  pool.add_state(state, "pool");
  EXPECT_EQ(state.at("pool.count").item<int64_t>(), 4);
  EXPECT_TRUE(at::equal(state.at("pool.images"), levels(1, 4)));
}

TEST(ImagePoolTest, EverySecondFakeIsReplacedByAnEarlierOneAndKept) {
  ImagePool pool(50, {1, 2, 2}, c10::kCPU);
  TensorMap state;
  pool.add_state(state, "pool");
  pool.shown_for(levels(1, 50), ItemRandom(1));
  pool.keep();
  int64_t earlier = 0;
  for (int step = 0; step < 40; ++step) {
    const auto fakes = levels(100 + 10 * step, 10);
    const auto before = state.at("pool.images").clone();
    const auto shown = pool.shown_for(fakes, ItemRandom(static_cast<uint64_t>(step)));
    pool.keep();
    for (int64_t i = 0; i < 10; ++i) {
      if (level_at(shown, i) == level_at(fakes, i)) continue;
      ++earlier;
      EXPECT_TRUE((before == level_at(shown, i)).any().item<bool>());
    }
  }
  EXPECT_NEAR(static_cast<double>(earlier), 200, 4 * 10);  // four deviations of 400 throws of a coin
}

TEST(ImagePoolTest, WithoutKeepingNothingChanges) {
  ImagePool pool(2, {1, 2, 2}, c10::kCPU), none(0, {1, 2, 2}, c10::kCPU);
  TensorMap state;
  pool.add_state(state, "pool");
  pool.shown_for(levels(5, 2), ItemRandom(1));
  EXPECT_EQ(state.at("pool.count").item<int64_t>(), 0);
  EXPECT_EQ(state.at("pool.images").abs().max().item<double>(), 0);
  EXPECT_TRUE(at::equal(none.shown_for(levels(5, 3), ItemRandom(1)), levels(5, 3)));
  none.add_state(state, "none");
  EXPECT_EQ(state.size(), 2u);
}

}  // namespace
}  // namespace forger
