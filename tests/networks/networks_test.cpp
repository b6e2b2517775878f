#include <ATen/autocast_mode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "core/torch.h"

#include <algorithm>

#include "core/fail.h"
#include "networks/catalog.h"
#include "networks/describe.h"
#include "networks/small_networks.h"

namespace forger {
namespace {

struct Case {
  std::string network;
  ImageShape shape;
  int64_t classes = 0;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const auto& network : generator_names()) {
    for (const int64_t classes : {0, 3}) {
      for (const ImageShape shape : {ImageShape{1, 28, 28}, {3, 16, 16}, {4, 32, 48}}) {
        all.push_back({network, shape, classes});
      }
    }
    all.push_back({network, {3, 64, 64}, 0});
    all.push_back({network, {1, 128, 128}, 3});
    all.push_back({network, {3, 256, 256}, 0});
  }
  all.push_back({"mlp", {2, 1, 1}, 0});
  all.push_back({"mlp", {2, 1, 1}, 3});
  return all;
}

class NetworksTest : public testing::TestWithParam<Case> {};

TEST_P(NetworksTest, MakesImagesAndLogitsOfItsShape) {
  const auto& [network, shape, classes] = GetParam();
  const auto generator = make_generator(generator_options(network), shape, classes, make_random(1));
  const auto discriminator = make_discriminator(discriminator_options(network), shape, classes, make_random(2));
  const auto images = generator->forward(latents(), labels(classes));
  EXPECT_THAT(images.sizes().vec(), testing::ElementsAre(3, shape.channels, shape.height, shape.width));
  EXPECT_EQ(images.scalar_type(), at::kFloat);
  if (!shape.is_point()) {
    EXPECT_LE(images.abs().max().item<float>(), 1);
    EXPECT_TRUE(images.is_contiguous(at::MemoryFormat::ChannelsLast));
  }
  const auto logits = discriminator->forward(images, labels(classes));
  EXPECT_THAT(logits.sizes().vec(), testing::ElementsAre(3));
  logits.sum().backward();
  for (const auto& parameter : generator->named_parameters()) {
    EXPECT_TRUE(parameter.value().grad().defined()) << parameter.key();
  }
  for (const auto& parameter : discriminator->named_parameters()) {
    EXPECT_TRUE(parameter.value().grad().defined()) << parameter.key();
  }
}

TEST_P(NetworksTest, SameSeedGivesSameWeightsAndLeavesTheGlobalGeneratorAlone) {
  const auto& [network, shape, classes] = GetParam();
  if (shape.height > 32) return;
  torch::manual_seed(5);
  const auto untouched = at::rand({1}).item<float>();
  torch::manual_seed(5);
  const auto one = make_generator(generator_options(network), shape, classes, make_random(1));
  const auto same = make_generator(generator_options(network), shape, classes, make_random(1));
  const auto other = make_generator(generator_options(network), shape, classes, make_random(2));
  EXPECT_EQ(at::rand({1}).item<float>(), untouched);
  const auto image = one->forward(latents(), labels(classes));
  EXPECT_TRUE(at::equal(image, same->forward(latents(), labels(classes))));
  EXPECT_FALSE(at::equal(image, other->forward(latents(), labels(classes))));
}

TEST_P(NetworksTest, ImagesDependOnTheLatentAndTheClass) {
  const auto& [network, shape, classes] = GetParam();
  if (shape.height > 32) return;
  const auto generator = make_generator(generator_options(network), shape, classes, make_random(1));
  const auto discriminator = make_discriminator(discriminator_options(network), shape, classes, make_random(2));
  const auto images = generator->forward(latents(), labels(classes));
  EXPECT_FALSE(at::allclose(images[0], images[1]));
  if (classes == 0) return;
  if (network == "resnet") {  // the scales of all classes start alike
    const at::NoGradGuard no_grad;
    for (auto& parameter : generator->parameters()) {
      if (parameter.dim() == 2) parameter.normal_(1, 0.5, make_random(3));
    }
  }
  const auto base = generator->forward(latents(), labels(classes));
  EXPECT_FALSE(at::allclose(base, generator->forward(latents(), labels(classes).roll(1))));
  EXPECT_FALSE(at::allclose(discriminator->forward(images, labels(classes)),
                            discriminator->forward(images, labels(classes).roll(1))));
}

TEST_P(NetworksTest, Bfloat16StaysCloseToFloat32AndKeepsChannelsLast) {
  const auto& [network, shape, classes] = GetParam();
  if (shape.height > 32) return;
  const auto generator = make_generator(generator_options(network), shape, classes, make_random(1));
  const auto discriminator = make_discriminator(discriminator_options(network), shape, classes, make_random(2));
  const auto exact_images = generator->forward(latents(), labels(classes));
  const auto exact_logits = discriminator->forward(exact_images, labels(classes));
  at::autocast::set_autocast_enabled(at::kCPU, true);
  at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
  const auto images = generator->forward(latents(), labels(classes));
  const auto logits = discriminator->forward(exact_images, labels(classes));
  at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(at::kCPU, false);
  EXPECT_EQ(images.scalar_type(), at::kFloat);
  EXPECT_EQ(logits.scalar_type(), at::kFloat);
  EXPECT_TRUE(images.is_contiguous(at::MemoryFormat::ChannelsLast) || shape.is_point());
  const auto error = [](const at::Tensor& received, const at::Tensor& expected) {
    return ((received - expected).norm() / expected.norm().clamp_min(1e-2)).item<double>();
  };
  EXPECT_LT(error(images, exact_images), 0.03);
  EXPECT_LT(error(logits, exact_logits), 0.05);
}

TEST_P(NetworksTest, TheGradientPenaltyReachesEveryDiscriminatorWeight) {
  const auto& [network, shape, classes] = GetParam();
  if (shape.height > 16) return;
  const auto discriminator = make_discriminator(discriminator_options(network), shape, classes, make_random(2));
  const auto images = at::empty({3, shape.channels, shape.height, shape.width})
                          .normal_(0, 1, make_random(3))
                          .contiguous(at::MemoryFormat::ChannelsLast)
                          .requires_grad_();
  const auto logits = discriminator->forward(images, labels(classes));
  const auto gradient = torch::autograd::grad({logits.sum()}, {images}, {}, true, /*create_graph=*/true)[0];
  gradient.square().sum().backward();
  int reached = 0;
  for (const auto& parameter : discriminator->named_parameters()) {
    if (!parameter.value().grad().defined()) continue;
    EXPECT_TRUE(parameter.value().grad().isfinite().all().item<bool>()) << parameter.key();
    ++reached;
  }
  EXPECT_GT(reached, 1);
}

TEST_P(NetworksTest, DescriptionHoldsEveryParameterAndEndsInTheOutput) {
  const auto& [network, shape, classes] = GetParam();
  if (shape.height > 32) return;
  const auto generator = make_generator(generator_options(network), shape, classes, make_random(1));
  int64_t count = 0;
  for (const auto& layer : describe(*generator, 8, classes)) {
    EXPECT_FALSE(layer.name.empty());
    count += layer.parameters;
  }
  EXPECT_EQ(count, count_parameters(*generator));
  const auto discriminator = make_discriminator(discriminator_options(network), shape, classes, make_random(2));
  count = 0;
  for (const auto& layer : describe(*discriminator, shape, classes)) count += layer.parameters;
  EXPECT_EQ(count, count_parameters(*discriminator));
  EXPECT_TRUE(discriminator->is_training());
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
  const auto& shape = info.param.shape;
  auto name = fmt::format("{}_{}x{}x{}_{}_classes", info.param.network, shape.channels, shape.height, shape.width,
                          info.param.classes);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, NetworksTest, testing::ValuesIn(cases()), case_name);

}  // namespace
}  // namespace forger
