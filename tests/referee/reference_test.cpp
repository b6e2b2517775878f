#include "referee/reference.h"

#include <gmock/gmock.h>

#include "core/torch.h"
#include "data/open.h"
#include "forger/error.h"
#include "metrics/neighbours.h"

namespace forger {
namespace {

/// Points on a ring: the first so many of 50,000 are held out.
Reference ring_reference(double held_out, int64_t most) {
  DataOptions options;
  options.source = "synthetic:ring8";
  options.held_out = held_out;
  const auto data = open_data(options);
  return Reference(*data.training, *data.held_out, most, 1);
}

TEST(ReferenceTest, FewSamplesAreComparedWithEquallyManyImages) {
  const auto real = ring_reference(0.02, 300);
  ASSERT_EQ(real.count(), 300);
  for (const int64_t few : {20, 100, 300}) {
    const auto unseen = real.unseen_features.narrow(0, 0, few);
    EXPECT_NEAR(real.diversity_of(unseen), 1, 1e-9) << few;  // as many kinds as they have themselves
    EXPECT_EQ(real.coverage_baseline(few),
              neighbour_measures(unseen, real.training_features.narrow(0, 0, few), kNeighbours).coverage);
  }
}

TEST(ReferenceTest, ChanceMovesLessAmongMoreImages) {
  const auto real = ring_reference(0.02, 300);
  EXPECT_NEAR(real.movement_baseline(600), real.movement_baseline(300) / 2, 1e-12);
  EXPECT_LE(real.movement_baseline(1), 1);
}

TEST(ReferenceTest, TwoHeldOutImagesAreEnoughToMeasure) {
  const auto real = ring_reference(0.02, 2);
  EXPECT_EQ(real.count(), 2);
  EXPECT_FALSE(real.features_work);
}

TEST(ReferenceTest, TooFewImagesAreToldByWhatTheyAreNeededFor) {
  EXPECT_EQ(too_few_to_judge(16, 2), "");
  EXPECT_THAT(too_few_to_judge(100, 1), testing::StartsWith("1 image is held out, accepted: 2 or more"));
  EXPECT_THAT(too_few_to_judge(15, 2),
              testing::AllOf(testing::HasSubstr("15 images are trained on"), testing::HasSubstr("16 or more")));
}

}  // namespace
}  // namespace forger
