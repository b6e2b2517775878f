#include <gtest/gtest.h>
#include "core/torch.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/random.h"
#include "networks/catalog.h"
#include "networks/convolution.h"

// Expected numbers come from golden/make_golden.py, which holds the published networks in PyTorch.

namespace forger {
namespace {

nlohmann::json golden(const char* name) {
  static const auto cases = nlohmann::json::parse(
      std::ifstream(std::filesystem::path(FORGER_TEST_DATA).parent_path() / "networks/golden/golden.json"));
  return cases.at(name);
}

at::Tensor values(at::IntArrayRef sizes, double start) {
  const int64_t count = c10::multiply_integers(sizes);
  return at::sin(0.7 * at::arange(count, at::kDouble) + start).to(at::kFloat).view(sizes);
}

at::Tensor some(const at::Tensor& tensor) {
  const auto numbers = tensor.detach().contiguous().flatten();
  return numbers.slice(0, 0, std::nullopt, numbers.numel() <= 200 ? 1 : 97);
}

void expect_near(const at::Tensor& received, const nlohmann::json& expected, const char* what, double relative = 2e-4) {
  const auto numbers = expected.get<std::vector<float>>();
  ASSERT_EQ(received.numel(), static_cast<int64_t>(numbers.size())) << what;
  const auto wanted = at::tensor(numbers);
  const double scale = wanted.abs().max().item<double>();
  EXPECT_LT((received - wanted).abs().max().item<double>(), relative * scale + 1e-7) << what;
}

// As fill() of the script. A linear layer that makes a grid has its weight transposed here.
void fill(torch::nn::Module& network, bool starts_linear) {
  const at::NoGradGuard no_grad;
  double start = 0;
  for (const auto& item : network.named_parameters()) {
    const auto& name = item.key();
    const at::Tensor& parameter = item.value();
    const auto sizes = parameter.sizes();
    if (starts_linear && name == "start.weight") {
      const auto rows = values({sizes[1], sizes[2], sizes[3], sizes[0]}, start++);
      parameter.copy_(0.1 * rows.permute({3, 0, 1, 2}));
      continue;
    }
    parameter.copy_(0.1 * values(sizes, start++));
    const bool flat = parameter.dim() == 1 || name == "start.bias";
    if (flat && parameter.numel() > 1) parameter.add_(0.5);
  }
}

template <class Network>
void expect_golden(Network& network, at::Tensor inputs, const char* name) {
  const auto expected = golden(name);
  fill(network, std::string(name) == "pytorch_gan_generator");
  inputs.requires_grad_();
  network.train();
  const auto outputs = network.forward(inputs, {});
  (outputs * values(outputs.sizes(), 0.3)).sum().backward();
  network.eval();
  expect_near(some(outputs), expected["train"], "train");
  expect_near(some(network.forward(inputs, {})), expected["eval"], "eval");
  expect_near(some(inputs.grad()), expected["input_gradient"], "input_gradient", 2e-3);
  std::vector<float> norms;
  for (const at::Tensor& parameter : network.parameters()) norms.push_back(parameter.grad().norm().item<float>());
  expect_near(at::tensor(norms), expected["gradient_norms"], "gradient_norms", 1e-3);
}

TEST(GoldenTest, DcganGeneratorEqualsPytorchExamples) {
  GeneratorOptions options;
  options.width = 4;
  options.depth = 4;
  options.latent_size = 10;
  const auto network = make_generator(options, {3, 64, 64}, 0, make_random(1));
  expect_golden(*network, values({4, 10}, 0.5), "examples_generator");
}

TEST(GoldenTest, DcganDiscriminatorEqualsPytorchExamples) {
  DiscriminatorOptions options;
  options.width = 4;
  options.depth = 4;
  options.normalization = "batch";
  const auto network = make_discriminator(options, {3, 64, 64}, 0, make_random(1));
  expect_golden(*network, values({4, 3, 64, 64}, 0.5), "examples_discriminator");
}

TEST(GoldenTest, PytorchGanGeneratorEqualsItsSource) {
  GeneratorOptions options;
  options.network = "pytorch-gan";
  options.width = 4;
  options.upsampling = "nearest";
  options.latent_size = 10;
  const auto network = make_generator(options, {1, 32, 32}, 0, make_random(1));
  expect_golden(*network, values({4, 10}, 0.5), "pytorch_gan_generator");
}

TEST(GoldenTest, PytorchGanDiscriminatorEqualsItsSource) {
  DiscriminatorOptions options;
  options.network = "pytorch-gan";
  options.width = 4;
  options.normalization = "batch";
  const auto network = make_discriminator(options, {1, 32, 32}, 0, make_random(1));
  expect_golden(*network, values({4, 1, 32, 32}, 0.5), "pytorch_gan_discriminator");
  const auto odd = make_discriminator(options, {1, 28, 28}, 0, make_random(1));
  expect_golden(*odd, values({4, 1, 28, 28}, 0.5), "pytorch_gan_discriminator_28");
}

TEST(GoldenTest, SpectralNormEqualsPytorch) {
  const auto expected = golden("spectral_norm");
  Convolution convolution({.inputs = 3, .outputs = 5, .spectral_norm = true}, make_random(1));
  fill(convolution, false);
  auto u = convolution.named_buffers()["u"];
  const auto start = values({5}, 0.1);
  u.copy_(start / start.norm());
  const auto image = values({2, 3, 6, 6}, 0.2);
  at::Tensor output;
  for (size_t pass = 0; pass < 3; ++pass) {
    output = convolution(image);
    expect_near(some(output), expected["outputs"][pass], "outputs");
  }
  expect_near(u, expected["u"], "u");
  (output * values(output.sizes(), 0.3)).sum().backward();
  expect_near(some(convolution.named_parameters()["weight"].grad()), expected["weight_gradient"], "gradient", 1e-3);
}

}  // namespace
}  // namespace forger
