#include "forger/evaluation.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace forger
