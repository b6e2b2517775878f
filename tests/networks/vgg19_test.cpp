#include "networks/vgg19.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>

#include "core/torch.h"
#include "forger/error.h"
#include "metrics/golden_features.h"
#include "support/golden_json.h"

namespace forger {
namespace {

/// The narrow network of golden/make_vgg19.py.
std::map<std::string, at::Tensor> narrow_weights() {
  const std::pair<int64_t, int64_t> places[] = {{0, 4},   {2, 4},   {5, 6},   {7, 6},   {10, 8},  {12, 8},
                                                {14, 8},  {16, 8},  {19, 10}, {21, 10}, {23, 10}, {25, 10},
                                                {28, 12}, {30, 12}, {32, 12}, {34, 12}};
  std::map<std::string, at::Tensor> weights;
  int64_t channels = 3;
  uint64_t seed = 0;
  for (const auto& [place, width] : places) {
    const int64_t inputs = 9 * channels;
    const auto weight = 2 * golden_uniform(seed++, width * inputs).view({width, channels, 3, 3}) - 1;
    weights[fmt::format("features.{}.weight", place)] =
        (weight * std::sqrt(6.0 / static_cast<double>(inputs))).to(at::kFloat);
    weights[fmt::format("features.{}.bias", place)] = ((2 * golden_uniform(seed++, width) - 1) * 0.1).to(at::kFloat);
    channels = width;
  }
  return weights;
}

std::string refusal(const std::map<std::string, at::Tensor>& weights) {
  try {
    Vgg19 network(weights, c10::kCPU);
    return "no error";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(Vgg19Test, EqualsPyTorchsLayersBeforeTheLastActivation) {
  const auto golden = read_golden("networks/golden/vgg19.json");
  auto weights = narrow_weights();
  ASSERT_EQ(weights.size(), golden["names"].size());
  weights["classifier.0.weight"] = at::zeros({2, 2});
  const Vgg19 network(weights, c10::kCPU);
  auto images = (2 * golden_uniform(1000, 2L * 3 * 32 * 48) - 1).view({2, 3, 32, 48}).to(at::kFloat).requires_grad_();
  const auto features = network.features(images);
  EXPECT_EQ(features.sizes().vec(), golden["sizes"].get<std::vector<int64_t>>());
  const auto wanted = golden_tensor(golden["features"]).view(features.sizes());
  EXPECT_LT((features - wanted).abs().max().item<double>(), 1e-5);
  features.abs().mean().backward();
  const double squares = golden["gradient_squared"];
  EXPECT_NEAR(images.grad().square().sum().item<double>(), squares, 1e-4 * squares);
  const auto gradient = golden_tensor(golden["gradient"]);
  EXPECT_LT((images.grad()[0].select(1, 7).select(1, 9) - gradient).abs().max().item<double>(), 1e-6);
}

TEST(Vgg19Test, GreyIsSeenAsRgb) {
  const Vgg19 network(narrow_weights(), c10::kCPU);
  const auto grey = at::linspace(-1, 1, 256).view({1, 1, 16, 16});
  EXPECT_TRUE(at::equal(network.features(grey), network.features(grey.expand({1, 3, 16, 16}))));
}

TEST(Vgg19Test, WeightsOfOtherNetworksAreRefusedByName) {
  auto weights = narrow_weights();
  weights.erase("features.16.bias");
  weights["features.17.weight"] = at::zeros({1});
  weights["features.1.running_mean"] = at::zeros({1});
  EXPECT_THAT(refusal(weights),
              testing::AllOf(testing::HasSubstr("missing: features.16.bias;"), testing::HasSubstr("features.17.weight"),
                             testing::HasSubstr("not understood: features.1.running_mean")));
  weights = narrow_weights();
  weights["features.7.weight"] = at::zeros({6, 5, 3, 3});
  EXPECT_THAT(refusal(weights), testing::HasSubstr("features.7.weight: is [6, 5, 3, 3], accepted: [6, 6, 3, 3]"));
  weights = narrow_weights();
  weights["features.7.bias"][0] = std::nan("");
  EXPECT_THAT(refusal(weights), testing::HasSubstr("features.7.bias: holds NaN"));
}

}  // namespace
}  // namespace forger
