#include "networks/convolution.h"

#include <ATen/autocast_mode.h>
#include <gtest/gtest.h>

#include <functional>
#include <tuple>

#include "core/random.h"
#include "core/torch.h"
#include "networks/normalization.h"

// Expected values: the operations that the layers say they equal, one after the other.

namespace forger {
namespace {

at::Tensor images(at::IntArrayRef sizes) {
  return at::empty(sizes).normal_(0, 1, make_random(3)).contiguous(at::MemoryFormat::ChannelsLast);
}

void expect_close(const at::Tensor& received, const at::Tensor& expected) {
  EXPECT_TRUE(received.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_LT((received - expected).abs().max().item().toDouble(), 1e-5);
}

const Initializer kRandomBias{Initializer::Kind::fan_in_uniform, 1, /*uniform_bias=*/true};

/// Gradients of a convolution as bfloat16 learns it, beside those of the same in float64.
void expect_gradients_of_float64(Layer& layer, const at::Tensor& numbers,
                                 const std::function<at::Tensor(const at::Tensor&, const at::Tensor&)>& convolve) {
  const auto input = numbers.detach().requires_grad_();
  const auto kernel = layer.named_parameters()["weight"];
  at::Tensor output;
  at::autocast::set_autocast_enabled(at::kCPU, true);
  at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
  output = layer(input);
  at::autocast::set_autocast_enabled(at::kCPU, false);
  at::autocast::clear_cache();
  EXPECT_EQ(output.scalar_type(), at::kBFloat16);
  const auto arriving =
      at::empty(output.sizes()).normal_(0, 1, make_random(5)).contiguous(at::MemoryFormat::ChannelsLast);
  const auto received = torch::autograd::grad({output}, {input, kernel}, {arriving.to(at::kBFloat16)});
  const auto expected_output = convolve(input.to(at::kDouble), kernel.to(at::kDouble));
  const auto expected = torch::autograd::grad({expected_output}, {input, kernel}, {arriving.to(at::kDouble)});
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_TRUE(received[i].is_contiguous(at::MemoryFormat::ChannelsLast));
    const auto error = (received[i].to(at::kDouble) - expected[i].to(at::kDouble)).abs().max().item<double>();
    EXPECT_LT(error, 0.02 * expected[i].abs().max().item<double>());
  }
}

TEST(ConvolutionTest, KernelsThatBfloat16LearnsHaveTheGradientsOfFloat64) {
  for (const auto& [kernel, stride, padding] :
       {std::tuple<int64_t, int64_t, int64_t>{3, 1, 0}, {3, 2, 1}, {4, 2, 1}, {4, 1, 1}}) {
    Convolution layer(
        {.inputs = 64, .outputs = 72, .kernel = kernel, .stride = stride, .padding = padding, .bias = false},
        make_random(1));
    expect_gradients_of_float64(layer, images({2, 64, 7, 6}), [&](const at::Tensor& input, const at::Tensor& weight) {
      return at::conv2d(input, weight, {}, {stride, stride}, {padding, padding});
    });
  }
  DoublingConvolution doubling("transposed", {.inputs = 72, .outputs = 64, .bias = false}, make_random(1));
  expect_gradients_of_float64(doubling, images({2, 72, 3, 5}), [](const at::Tensor& input, const at::Tensor& weight) {
    return at::conv_transpose2d(input, weight, {}, {2, 2}, {1, 1});
  });
  DoublingConvolution nearest("nearest", {.inputs = 72, .outputs = 64, .bias = false}, make_random(1));
  expect_gradients_of_float64(nearest, images({2, 72, 3, 5}), [](const at::Tensor& input, const at::Tensor& weight) {
    return at::conv2d(doubled_nearest(input), weight, {}, {1, 1}, {1, 1});
  });
}

TEST(ConvolutionTest, ALargeKernelWithFewOutputsIsTheConvolutionThatItSays) {
  for (const int64_t outputs : {1, 3}) {
    for (const int64_t width : {14, 15}) {  // 8 places in a row are two fours, 9 are not
      Convolution layer({.inputs = 5, .outputs = outputs, .kernel = 7, .padding = 0, .initializer = kRandomBias},
                        make_random(1));
      const auto input = images({2, 5, 9, width}).detach().requires_grad_();
      const auto parameters = layer.named_parameters();
      const auto made = layer(input), expected = at::conv2d(input, parameters["weight"], parameters["bias"]);
      const auto arriving = images(expected.sizes());
      const std::vector<at::Tensor> leaves = {input, parameters["weight"], parameters["bias"]};
      const auto received = torch::autograd::grad({made}, leaves, {arriving});
      const auto wanted = torch::autograd::grad({expected}, leaves, {arriving});
      EXPECT_LT((made - expected).abs().max().item<double>(), 1e-5);
      for (size_t i = 0; i < wanted.size(); ++i) EXPECT_LT((received[i] - wanted[i]).abs().max().item<double>(), 1e-4);
    }
  }
}

// A generator's images of one channel: their strides may be those of both layouts.
TEST(ConvolutionTest, ImagesOfOneChannelStayChannelsLastInBothDirections) {
  const auto input = at::empty({2, 1, 8, 12}).normal_(0, 1, make_random(3)).set_requires_grad(true);
  ASSERT_EQ(input.stride(1), 8 * 12);
  Convolution halving({.inputs = 1, .outputs = 4, .kernel = 4, .stride = 2}, make_random(1));
  PoolingConvolution pooling({.inputs = 1, .outputs = 4}, make_random(1));
  for (const auto& output : {halving(input), pooling(input)}) {
    EXPECT_TRUE(output.is_contiguous(at::MemoryFormat::ChannelsLast));
    EXPECT_FALSE(output.is_contiguous());
    const auto gradient = torch::autograd::grad({output}, {input}, {at::ones_like(output)}).front();
    EXPECT_EQ(gradient.sizes(), input.sizes());
    EXPECT_GT(gradient.abs().min().item().toDouble(), 0);
  }
  const auto parameters = halving.named_parameters();
  expect_close(halving(input),
               at::conv2d(input, parameters["weight"], {}, {2, 2}, {1, 1}).contiguous(at::MemoryFormat::ChannelsLast));
}

TEST(ConvolutionTest, PoolingConvolutionIsAConvolutionThenPooling) {
  PoolingConvolution layer({.inputs = 5, .outputs = 3, .initializer = kRandomBias}, make_random(1));
  const auto input = images({2, 5, 8, 12});
  const auto parameters = layer.named_parameters();
  const auto full = at::conv2d(input, parameters["weight"], parameters["bias"], {1, 1}, {1, 1});
  expect_close(layer(input), at::avg_pool2d(full, {2, 2}));
}

TEST(ConvolutionTest, NearestDoublingIsUpsamplingThenAConvolution) {
  DoublingConvolution layer("nearest", {.inputs = 5, .outputs = 3, .initializer = kRandomBias}, make_random(1));
  const auto input = images({2, 5, 4, 6});
  const auto parameters = layer.named_parameters();
  const auto doubled = at::upsample_nearest2d(input, {8, 12});
  expect_close(layer(input), at::conv2d(doubled, parameters["weight"], parameters["bias"], {1, 1}, {1, 1}));
}

TEST(ConvolutionTest, TransposedDoublingIsATransposedConvolution) {
  DoublingConvolution layer("transposed", {.inputs = 5, .outputs = 3, .initializer = kRandomBias}, make_random(1));
  const auto input = images({2, 5, 4, 6});
  const auto parameters = layer.named_parameters();
  expect_close(layer(input), at::conv_transpose2d(input, parameters["weight"], parameters["bias"], {2, 2}, {1, 1}));
}

TEST(ConvolutionTest, ImageConvolutionIsAConvolution) {
  for (const int64_t outputs : {1, 3}) {
    ImageConvolution layer({.inputs = 5, .outputs = outputs, .initializer = kRandomBias}, make_random(1));
    const auto input = images({2, 5, 4, 6});
    const auto parameters = layer.named_parameters();
    expect_close(layer(input), at::conv2d(input, parameters["weight"], parameters["bias"], {1, 1}, {1, 1}));
  }
}

TEST(ConvolutionTest, LatentGridIsATransposedConvolutionOfOnePixel) {
  LatentGrid layer(6, 5, 4, 3, LatentGrid::Bias::none, {}, make_random(1));
  const auto latent = at::empty({2, 6}).normal_(0, 1, make_random(3));
  const auto weight = layer.named_parameters()["weight"];
  expect_close(layer(latent), at::conv_transpose2d(latent.view({2, 6, 1, 1}), weight));
}

TEST(ConvolutionTest, ReadoutIsAConvolutionAsLargeAsTheGrid) {
  Readout layer(5, 4, 3, /*bias=*/true, kRandomBias, /*spectral_norm=*/false, make_random(1));
  const auto input = images({2, 5, 4, 3});
  const auto parameters = layer.named_parameters();
  const auto logits = at::conv2d(input, parameters["weight"], parameters["bias"]).flatten();
  EXPECT_LT((layer(input) - logits).abs().max().item().toDouble(), 1e-5);
}

TEST(NormalizationTest, InstanceNormalizationKeepsChannelsLast) {
  Normalization layer({.kind = "instance", .channels = 5}, make_random(1));
  const auto input = images({2, 5, 4, 6});
  const auto mean = input.mean({2, 3}, true);
  const auto variance = input.var({2, 3}, /*unbiased=*/false, true);
  expect_close(layer(input), (input - mean) / at::sqrt(variance + 1e-5));
}

/// By the formula, in float64.
at::Tensor normalized_by_formula(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias) {
  const auto numbers = input.to(at::kDouble);
  const auto variance = numbers.var(at::IntArrayRef{2, 3}, /*unbiased=*/false, true);
  const auto normal = (numbers - numbers.mean({2, 3}, true)) / at::sqrt(variance + 1e-5);
  return normal * weight.to(at::kDouble).view({1, -1, 1, 1}) + bias.to(at::kDouble).view({1, -1, 1, 1});
}

TEST(NormalizationTest, InstanceNormalizationAndItsGradientsAreThoseOfItsFormulaInFloat64) {
  for (const auto dtype : {at::kFloat, at::kBFloat16}) {
    for (const auto format : {at::MemoryFormat::ChannelsLast, at::MemoryFormat::Contiguous}) {
      Normalization layer({.kind = "instance", .channels = 5, .scale_deviation = 0.3}, make_random(1));
      const auto input = (images({3, 5, 7, 6}) * 0.5 + 2).to(dtype).contiguous(format).detach().requires_grad_();
      const auto arriving = images({3, 5, 7, 6}).flip(0).to(dtype).contiguous(format);
      auto weights = layer.parameters();
      const auto output = layer(input);
      EXPECT_EQ(output.scalar_type(), dtype);
      const auto received = torch::autograd::grad({output}, {input, weights[0], weights[1]}, {arriving});
      const auto expected_output = normalized_by_formula(input, weights[0], weights[1]);
      const auto expected =
          torch::autograd::grad({expected_output}, {input, weights[0], weights[1]}, {arriving.to(at::kDouble)});
      const double relative = dtype == at::kFloat ? 1e-5 : 2e-2;
      const auto is_near = [&](const at::Tensor& one, const at::Tensor& other) {
        const auto scale = other.abs().max().item<double>();
        EXPECT_LT((one.to(at::kDouble) - other.to(at::kDouble)).abs().max().item<double>(), relative * scale);
      };
      is_near(output, expected_output);
      for (size_t i = 0; i < expected.size(); ++i) is_near(received[i], expected[i]);
    }
  }
}

TEST(NormalizationTest, ClassesChooseScaleAndOffset) {
  Normalization layer({.channels = 2, .classes = 2}, make_random(1));
  const at::NoGradGuard no_grad;
  layer.named_parameters()["weight"].copy_(at::tensor({1.F, 2.F, 3.F, 4.F}).view({2, 2}));
  layer.named_parameters()["bias"].copy_(at::tensor({0.F, 0.F, 5.F, 6.F}).view({2, 2}));
  const auto input = images({2, 2, 4, 4});
  const auto normal = (input - input.mean({0, 2, 3}, true)) /
                      at::sqrt(input.var(at::IntArrayRef{0, 2, 3}, /*unbiased=*/false, true) + 1e-5);
  const auto output = layer(input, at::tensor({1, 0}, at::kLong));
  EXPECT_LT((output[0][1] - (4 * normal[0][1] + 6)).abs().max().item().toDouble(), 1e-4);
  EXPECT_LT((output[1][0] - normal[1][0]).abs().max().item().toDouble(), 1e-4);
}

}  // namespace
}  // namespace forger
