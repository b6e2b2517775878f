#include "networks/prelu.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "core/random.h"
#include "core/torch.h"

namespace forger {
namespace {

using Activation = std::function<at::Tensor(const at::Tensor&, const at::Tensor&)>;

struct PreluInputs {
  at::Tensor input, slopes, weights;
};

/// With zeros, of which neither side is the slope, and channels-last as networks have it.
PreluInputs prelu_inputs(at::ScalarType dtype) {
  const auto random = make_random(3);
  auto input = at::empty({3, 5, 4, 6}).normal_(0, 1, random);
  input.masked_fill_(input.abs() < 0.1, 0);
  PreluInputs inputs{input.contiguous(at::MemoryFormat::ChannelsLast).to(dtype),
                     at::empty({5}).uniform_(-0.5, 1, random).to(dtype),
                     at::empty({3, 5, 4, 6}).normal_(0, 1, random).to(dtype)};
  inputs.input.requires_grad_(), inputs.slopes.requires_grad_();
  return inputs;
}

/// The result, its gradients and, as a penalty takes them, the gradients of the square of the input's gradient.
std::vector<at::Tensor> derivatives(const Activation& activation, const PreluInputs& inputs) {
  const auto result = activation(inputs.input, inputs.slopes);
  const auto first = torch::autograd::grad({(result * result * inputs.weights).sum()}, {inputs.input, inputs.slopes},
                                           {}, std::nullopt, /*create_graph=*/true);
  const auto second = torch::autograd::grad({first[0].square().sum()}, {inputs.input, inputs.slopes});
  return {result, first[0], first[1], second[0], second[1]};
}

class PreluTest : public testing::TestWithParam<at::ScalarType> {};

TEST_P(PreluTest, EqualsLibTorchsWithItsFirstAndSecondDerivatives) {
  const auto inputs = prelu_inputs(GetParam());
  const auto wanted =
      derivatives([](const auto& input, const auto& slopes) { return at::prelu(input, slopes); }, inputs);
  const auto found = derivatives(parametric_relu, inputs);
  const double tolerance = GetParam() == at::kFloat ? 1e-5 : 2e-2;
  for (size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(found[i].scalar_type(), wanted[i].scalar_type()) << i;
    EXPECT_TRUE(at::allclose(found[i], wanted[i], tolerance, tolerance)) << i;
  }
}

TEST_P(PreluTest, TakesPointsWithoutPlaces) {
  const auto inputs = prelu_inputs(GetParam());
  const auto rows = inputs.input.detach().select(2, 0).select(2, 0);
  EXPECT_TRUE(at::equal(parametric_relu(rows, inputs.slopes), at::prelu(rows, inputs.slopes)));
}

INSTANTIATE_TEST_SUITE_P(Precisions, PreluTest, testing::Values(at::kFloat, at::kBFloat16),
                         [](const auto& info) { return std::string(c10::toString(info.param)); });

}  // namespace
}  // namespace forger
