#include "metrics/niqe.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/random.h"
#include "core/torch.h"
#include "forger/error.h"
#include "image/blur.h"
#include "metrics/golden_features.h"
#include "support/golden_json.h"

namespace forger {
namespace {

/// The pictures of golden/make_niqe.py: squares of 24 and of 6 pixels and noise.
at::Tensor squares(uint64_t seed, int64_t height, int64_t width) {
  auto levels = at::empty({height, width}, at::kLong);
  auto* next = levels.mutable_data_ptr<int64_t>();
  const auto drawn = [](uint64_t from, int64_t y, int64_t x, uint64_t values) {
    return static_cast<int64_t>(mixed((from << 32) + static_cast<uint64_t>(1000 * y + x)) % values);
  };
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      *next++ = 48 + drawn(seed, y / 24, x / 24, 64) + drawn(seed + 1, y / 6, x / 6, 48) + drawn(seed + 2, y, x, 24);
    }
  }
  return levels.to(at::kDouble);
}

NaturalModel model_of_squares(int64_t* patches = nullptr) {
  std::vector<at::Tensor> features;
  for (uint64_t i = 1; i <= 5; ++i) features.push_back(sharp_features(natural_statistics(squares(10 * i, 200, 500))));
  const auto all = at::cat(features);
  if (patches) *patches = all.size(0);
  return NaturalModel(all);
}

double niqe(const NaturalModel& model, const at::Tensor& picture) {
  return model.distance(natural_statistics(picture).features);
}

at::Tensor blurred_picture(const at::Tensor& picture, double sigma) {
  return blurred(picture.view({1, 1, picture.size(0), picture.size(1)}), sigma).view(picture.sizes());
}

TEST(NiqeTest, EqualsTheAuthorsDefinition) {
  const auto golden = read_golden("metrics/golden/niqe.json");
  const auto found = natural_statistics(squares(1, 200, 300));
  ASSERT_EQ(found.features.sizes().vec(), (std::vector<int64_t>{6, kNiqeFeatures}));
  for (int64_t i = 0; i < kNiqeFeatures; ++i) {
    // Half of the features are of the half picture, which is made in float32.
    EXPECT_NEAR(found.features[0][i].item<double>(), golden["first"][i].get<double>(), 2e-5) << i;
    EXPECT_NEAR(found.features[5][i].item<double>(), golden["last"][i].get<double>(), 2e-5) << i;
  }
  for (int64_t i = 0; i < 6; ++i)
    EXPECT_NEAR(found.sharpness[i].item<double>(), golden["sharpness"][i].get<double>(), 1e-9) << i;

  int64_t patches = 0;
  const auto model = model_of_squares(&patches);
  EXPECT_EQ(patches, golden["pristine_patches"].get<int64_t>());
  const double distance = golden["distance"], dull = golden["distance_of_dull"];
  EXPECT_NEAR(model.distance(found.features), distance, 1e-3 * distance);
  const auto wide = squares(1, 200, 301);
  const auto mean = ((wide.slice(1, 0, 300) + wide.slice(1, 1, 301)) / 2).floor();
  EXPECT_NEAR(niqe(model, mean), dull, 1e-3 * dull);
}

TEST(NiqeTest, BlurAndNoiseCountTheMoreTheStrongerTheyAre) {
  const auto model = model_of_squares();
  const auto picture = squares(1, 200, 300);
  const auto noise = at::empty_like(picture).normal_(0, 1, make_random(1));
  const double sharp = niqe(model, picture);
  EXPECT_LT(2 * sharp, niqe(model, blurred_picture(picture, 0.6)));
  EXPECT_LT(niqe(model, blurred_picture(picture, 0.6)), niqe(model, blurred_picture(picture, 1.5)));
  EXPECT_LT(2 * sharp, niqe(model, picture + 8 * noise));
  EXPECT_LT(niqe(model, picture + 8 * noise), niqe(model, picture + 25 * noise));
}

TEST(NiqeTest, DullPatchesAreNotThoseOfPhotographs) {
  auto picture = squares(1, 96, 192);
  picture.slice(1, 0, 96) = blurred_picture(picture.slice(1, 0, 96).contiguous(), 3);
  const auto found = natural_statistics(picture);
  const auto sharp = sharp_features(found);
  ASSERT_EQ(sharp.size(0), 1);
  EXPECT_TRUE(at::equal(sharp[0], found.features[1]));
}

TEST(NiqeTest, FlatPatchesHaveNoFeaturesAndSmallPicturesNoPatches) {
  auto picture = squares(1, 96, 192);
  picture.slice(1, 96, 192).fill_(255);
  EXPECT_EQ(natural_statistics(picture).features.size(0), 1);
  EXPECT_EQ(natural_statistics(at::full({96, 96}, 7.0)).features.size(0), 0);
  EXPECT_EQ(sharp_features(natural_statistics(at::zeros({95, 300}))).size(0), 0);
}

TEST(NiqeTest, TooFewPatchesAreRefused) {
  const auto features = golden_features(1, 40, kNiqeFeatures);
  EXPECT_THROW(NaturalModel(features.narrow(0, 0, kNiqeFeatures)), Error);
  const NaturalModel model(features);
  EXPECT_THROW(model.distance(features.narrow(0, 0, 1)), Error);
  EXPECT_NEAR(model.distance(features), 0, 1e-6);
}

}  // namespace
}  // namespace forger
