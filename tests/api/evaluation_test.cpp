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
  const auto far = of(at::full({500, 2}, 100.0F), {"precision-recall", "density-coverage", "c2st"});
  for (const char* name : {"precision", "recall", "density", "coverage"}) EXPECT_EQ(value_of(far, name), 0) << name;
  EXPECT_EQ(value_of(far, "c2st"), 1);
  EXPECT_EQ(far.samples, 500);
  EXPECT_EQ(far.split, "held-out");
}

TEST(EvaluationTest, SamplesFromTheDatasOwnDistributionScoreAsTrainingImagesDo) {
  // ring8: 8 Gaussians of standard deviation 0.01 on a circle of radius 1.
  const auto angles = at::arange(2000).remainder(8) * (std::numbers::pi / 4);
  const auto centers = at::stack({angles.cos(), angles.sin()}, 1);
  const auto alike = of(centers + 0.01 * ItemRandom(7).normal({2000, 2}),
                        {"precision-recall", "density-coverage", "kid"});
  for (const auto& measure : alike.measures) EXPECT_NEAR(measure.value, measure.baseline, 0.1) << measure.name;
}

}  // namespace
}  // namespace forger
