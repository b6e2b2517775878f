#include "forger/evaluation.h"

#include <gtest/gtest.h>

#include <numbers>

#include "core/item_random.h"
#include "core/npz.h"
#include "core/torch.h"
#include "forger/error.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

Evaluation of(const at::Tensor& points, const std::vector<std::string>& metrics) {
  const TemporaryFolder folder;
  write_npz(folder / "points.npz", {{"points", points}});
  EvaluationOptions options;
  options.metrics = metrics;
  return evaluate((folder / "points.npz").string(), "synthetic:ring8", options);
}

TEST(EvaluationTest, RefusesWhatCannotBeMeasured) {
  EXPECT_THROW(of(at::zeros({100, 2}), {"beauty"}), Error);
  EXPECT_THROW(of(at::full({10, 2}, std::numeric_limits<float>::quiet_NaN()), {"kid"}), Error);
  EXPECT_THROW(evaluate("/no/such/samples.npz", "synthetic:ring8"), Error);
}

double value_of(const Evaluation& evaluation, const std::string& name) {
  for (const auto& measure : evaluation.measures) {
    if (measure.name == name) return measure.value;
  }
  ADD_FAILURE() << "no measure " << name;
  return 0;
}

TEST(EvaluationTest, SamplesFarFromAllDataHaveNothingInCommonWithIt) {
  const auto far = of(at::full({200, 2}, 100.0F), {"ndb", "c2st"});
  EXPECT_EQ(value_of(far, "ndb"), 1);
  EXPECT_EQ(value_of(far, "c2st"), 1);
  EXPECT_EQ(far.samples, 200);
  EXPECT_EQ(far.split, "held-out");
}

TEST(EvaluationTest, SamplesFromTheDatasOwnDistributionCannotBeToldFromIt) {
  // ring8: 8 Gaussians of standard deviation 0.01 on a circle of radius 1.
  const auto angles = at::arange(1000).remainder(8) * (std::numbers::pi / 4);
  const auto centers = at::stack({angles.cos(), angles.sin()}, 1);
  const auto alike = of(centers + 0.01 * ItemRandom(7).normal({1000, 2}), {"ndb", "c2st"});
  EXPECT_NEAR(value_of(alike, "c2st"), 0.5, 0.1);
  EXPECT_LT(value_of(alike, "ndb"), 0.3);
}

}  // namespace
}  // namespace forger
