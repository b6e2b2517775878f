#include "tasks/place_model.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "core/torch.h"
#include "forger/error.h"

namespace forger {
namespace {

/// Noise of standard deviation 0.3: a rough texture.
at::Tensor rough(int64_t count, uint64_t seed) {
  return at::empty({count, 1, 32, 32}).normal_(0, 0.3, make_random(seed));
}

PlaceModel learnt_places() {
  PlaceModel model(32, 32);
  model.see(rough(200, 1));
  model.see(rough(200, 2));
  model.finish_learning();
  model.calibrate(rough(100, 3));
  model.finish_calibration();
  return model;
}

/// Mean of the map in the middle of the square from 10 to 22, and outside of its surroundings.
std::pair<double, double> inside_and_outside(const at::Tensor& map) {
  const auto inside = map.narrow(2, 12, 8).narrow(3, 12, 8).mean().item<double>();
  return {inside, map.narrow(2, 0, 5).mean().item<double>()};
}

TEST(PlaceModelTest, ASmoothPatchInARoughTextureStandsOut) {
  auto image = rough(1, 4);
  image.narrow(2, 10, 12).narrow(3, 10, 12).mul_(0.05);
  const auto [inside, outside] = inside_and_outside(learnt_places().map(image));
  EXPECT_GT(inside, 4);
  EXPECT_LT(outside, 2);
}

TEST(PlaceModelTest, APatchOfAnotherLevelStandsOut) {
  auto image = rough(1, 5);
  image.narrow(2, 10, 12).narrow(3, 10, 12).add_(1.5);
  const auto [inside, outside] = inside_and_outside(learnt_places().map(image));
  EXPECT_GT(inside, 4);
  EXPECT_LT(outside, 2);
}

TEST(PlaceModelTest, OfANormalImageNothingStandsOut) {
  const auto map = learnt_places().map(rough(20, 6));
  EXPECT_EQ(map.sizes(), (std::vector<int64_t>{20, 1, 32, 32}));
  EXPECT_GE(map.min().item<double>(), 0);
  EXPECT_LT(map.mean().item<double>(), 1.5);
}

TEST(PlaceModelTest, IsTheSameFromItsState) {
  const auto model = learnt_places();
  const PlaceModel again(1, 32, 32, model.state());
  const auto image = rough(3, 7);
  EXPECT_TRUE(at::equal(model.map(image), again.map(image)));
}

TEST(PlaceModelTest, OddSizesAndColoursWork) {
  PlaceModel model(21, 35);
  const auto images = at::empty({40, 3, 21, 35}).normal_(0, 0.3, make_random(8));
  model.see(images);
  model.finish_learning();
  model.calibrate(images);
  model.finish_calibration();
  EXPECT_EQ(model.map(images).sizes(), (std::vector<int64_t>{40, 1, 21, 35}));
}

TEST(PlaceModelTest, RefusesTooFewImagesAndStatesThatDoNotFit) {
  PlaceModel model(32, 32);
  model.see(rough(1, 9));
  EXPECT_THROW(model.finish_learning(), Error);
  auto state = learnt_places().state();
  EXPECT_THROW(PlaceModel(1, 16, 16, state), Error);
  state.erase(state.begin());
  EXPECT_THROW(PlaceModel(1, 32, 32, state), Error);
}

}  // namespace
}  // namespace forger
