#include "players/optimizer.h"

#include <gmock/gmock.h>

#include "core/torch.h"
#include "forger/error.h"

namespace forger {
namespace {

/// Weights after three steps of torch.optim, made by golden/optimizers.py.
const std::map<std::string, std::vector<float>> kGolden{
    {"adam", {0.99511737F, -1.97654033F, 2.97931194F, 0.47670656F}},
    {"rmsprop", {0.99127048F, -1.94141698F, 2.95691562F, 0.44093373F}},
    {"sgd", {0.99874002F, -1.95400012F, 2.95799994F, 0.44062501F}},
};

TEST(OptimizerTest, ThreeStepsEqualPyTorch) {
  for (const auto& [name, expected] : kGolden) {
    const std::vector<at::Tensor> weights{torch::tensor({1.0F, -2.0F, 3.0F}), torch::tensor({0.5F})};
    OptimizerOptions options;
    options.optimizer = name;
    options.beta1 = 0.5;
    options.beta2 = 0.9;
    const auto optimizer = make_optimizer(options, weights);
    optimizer->step({torch::tensor({0.5F, -1.0F, 2.0F}), torch::tensor({0.25F})}, 0.01);
    optimizer->step({torch::tensor({-0.5F, 0.1F, 0.0F}), torch::tensor({4.0F})}, 0.01);
    optimizer->step({torch::tensor({1e-3F, -3.0F, 0.7F}), torch::tensor({-0.5F})}, 0.01);
    const auto result = at::cat(weights);
    for (int64_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(result[i].item<float>(), expected[static_cast<size_t>(i)], 2e-6) << name << " " << i;
    }
  }
}

TEST(OptimizerTest, AnUnknownNameIsAnErrorThatListsTheKnownOnes) {
  OptimizerOptions options;
  options.optimizer = "adamw";
  try {
    make_optimizer(options, {torch::zeros({1})});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("\"adamw\""));
    EXPECT_THAT(error.what(), testing::HasSubstr("adam, rmsprop, sgd"));
  }
}

}  // namespace
}  // namespace forger
