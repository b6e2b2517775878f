#include <ATen/autocast_mode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "core/torch.h"

#include <algorithm>

#include "core/fail.h"
#include "core/random.h"
#include "networks/catalog.h"
#include "networks/describe.h"
#include "networks/layers.h"

namespace forger {
namespace {

struct Case {
  std::string network;
  ImageShape shape;
  int64_t classes = 0;
};

GeneratorOptions generator_options(const std::string& network) {
  GeneratorOptions options;
  options.network = network;
  options.width = 4;
  options.max_width = 16;
  options.normalization = network == "r3" ? "none" : "batch";
  options.latent_size = 8;
  return options;
}

DiscriminatorOptions discriminator_options(const std::string& network) {
  DiscriminatorOptions options;
  options.network = network;
  options.width = 4;
  options.max_width = 16;
  return options;
}

at::Tensor latents(int64_t count = 3) { return at::empty({count, 8}).normal_(0, 1, make_random(7)); }

at::Tensor labels(int64_t classes, int64_t count = 3) {
  return classes > 0 ? at::arange(count, at::kLong).remainder(classes) : at::Tensor();
}

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
  const auto discriminator =
      make_discriminator(discriminator_options(network), shape, classes, make_random(2));
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
  const auto discriminator =
      make_discriminator(discriminator_options(network), shape, classes, make_random(2));
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
  const auto discriminator =
      make_discriminator(discriminator_options(network), shape, classes, make_random(2));
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
  const auto discriminator =
      make_discriminator(discriminator_options(network), shape, classes, make_random(2));
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
  const auto discriminator =
      make_discriminator(discriminator_options(network), shape, classes, make_random(2));
  count = 0;
  for (const auto& layer : describe(*discriminator, shape, classes)) count += layer.parameters;
  EXPECT_EQ(count, count_parameters(*discriminator));
  EXPECT_TRUE(discriminator->is_training());
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
  const auto& shape = info.param.shape;
  auto name = fmt::format("{}_{}x{}x{}_{}_classes", info.param.network, shape.channels, shape.height,
                          shape.width, info.param.classes);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, NetworksTest, testing::ValuesIn(cases()), case_name);

TEST(DescribeTest, TableNamesLayersShapesAndCounts) {
  GeneratorOptions generator;
  generator.latent_size = 100;
  DiscriminatorOptions discriminator;
  discriminator.normalization = "batch";
  const auto text = describe_networks(generator, discriminator, {3, 64, 64}, 0);
  // The published networks' counts: 3,576,704 and 2,765,568 (PyTorch examples' DCGAN).
  EXPECT_THAT(text, testing::HasSubstr("generator dcgan, 3,576,704 parameters"));
  EXPECT_THAT(text, testing::HasSubstr("discriminator dcgan, 2,765,568 parameters"));
  EXPECT_THAT(text, testing::ContainsRegex("up4 +3x64x64 +3,072"));
}

TEST(GeneratorTest, EveryUpsamplingAndNormalizationWorks) {
  for (const auto& network : generator_names()) {
    for (const std::string upsampling : {"transposed", "nearest", "bilinear"}) {
      for (const std::string normalization : {"batch", "none"}) {
        if (network == "r3" && normalization == "batch") continue;
        auto options = generator_options(network);
        options.upsampling = upsampling;
        options.normalization = normalization;
        const auto generator = make_generator(options, {3, 16, 32}, 2, make_random(1));
        const auto images = generator->forward(latents(), labels(2));
        EXPECT_THAT(images.sizes().vec(), testing::ElementsAre(3, 3, 16, 32));
        EXPECT_EQ(images.isfinite().all().item<bool>(), true);
      }
    }
  }
}

TEST(GeneratorTest, WidthDoublesDownToMaxWidth) {
  GeneratorOptions options;
  options.width = 8;
  options.max_width = 24;
  options.depth = 3;
  const auto parameters = make_generator(options, {3, 32, 32}, 0, make_random(1))->named_parameters();
  EXPECT_THAT(parameters["start.weight"].sizes().vec(), testing::ElementsAre(128, 24, 4, 4));
  EXPECT_THAT(parameters["up1.weight"].sizes().vec(), testing::ElementsAre(24, 16, 4, 4));
  EXPECT_THAT(parameters["up2.weight"].sizes().vec(), testing::ElementsAre(16, 8, 4, 4));
  EXPECT_THAT(parameters["up3.weight"].sizes().vec(), testing::ElementsAre(8, 3, 4, 4));
}

TEST(GeneratorTest, DcganStartsAsPublished) {
  const auto parameters =
      make_generator(GeneratorOptions(), {3, 64, 64}, 0, make_random(1))->named_parameters();
  EXPECT_NEAR(parameters["up1.weight"].std().item<double>(), 0.02, 2e-4);
  EXPECT_NEAR(parameters["norm1.weight"].mean().item<double>(), 1, 5e-3);
  EXPECT_NEAR(parameters["norm1.weight"].std().item<double>(), 0.02, 2e-3);
  EXPECT_EQ(parameters["norm1.bias"].abs().max().item<double>(), 0);
}

TEST(GeneratorTest, R3StartsAsASumOfItsShortcuts) {
  const auto generator = make_generator(generator_options("r3"), {3, 16, 16}, 0, make_random(1));
  for (const auto& parameter : generator->named_parameters()) {
    if (parameter.key().find("contract") == std::string::npos) continue;
    EXPECT_EQ(parameter.value().abs().max().item().toFloat(), 0) << parameter.key();
  }
}

TEST(GeneratorTest, EvaluationModeTreatsEachLatentAlone) {
  for (const auto& network : generator_names()) {
    const auto generator = make_generator(generator_options(network), {3, 16, 16}, 0, make_random(1));
    generator->forward(latents(), {});
    generator->eval();
    const auto all = generator->forward(latents(), {});
    const auto one = generator->forward(latents().slice(0, 1, 2), {});
    EXPECT_LT((all[1] - one[0]).abs().max().item<float>(), 1e-5) << network;
  }
}

TEST(DiscriminatorTest, EveryNormalizationAndSpectralNormWorks) {
  for (const auto& network : discriminator_names()) {
    for (const std::string normalization : {"batch", "instance", "none"}) {
      for (const bool spectral_norm : {false, true}) {
        if (network == "r3" && (normalization != "none" || spectral_norm)) continue;
        if (network == "mlp" && normalization == "instance") continue;
        auto options = discriminator_options(network);
        options.normalization = normalization;
        options.spectral_norm = spectral_norm;
        options.dropout = 0.25;
        const auto discriminator = make_discriminator(options, {3, 32, 32}, 2, make_random(1));
        discriminator->use_random(make_random(4));
        const auto images = at::empty({3, 3, 32, 32}).normal_(0, 1, make_random(3));
        const auto logits = discriminator->forward(images, labels(2));
        EXPECT_TRUE(logits.isfinite().all().item<bool>()) << network << " " << normalization;
      }
    }
  }
}

TEST(SpectralNormTest, MakesTheLargestSingularValueOne) {
  Linear linear({.inputs = 12, .outputs = 7, .bias = false, .spectral_norm = true}, make_random(1));
  const auto identity = at::eye(12);
  for (int pass = 0; pass < 50; ++pass) linear(identity);
  linear.eval();
  const auto singular = at::linalg_svdvals(linear(identity).detach());
  EXPECT_NEAR(singular[0].item<double>(), 1, 1e-4);
}

TEST(SpectralNormTest, IteratesInTrainingModeOnly) {
  Linear linear({.inputs = 12, .outputs = 7, .spectral_norm = true}, make_random(1));
  linear.named_parameters()["weight"].set_data(at::empty({7, 12}).normal_(0, 1, make_random(2)));
  const auto u = linear.named_buffers()["u"];
  const auto before = u.clone();
  linear.eval();
  linear(at::eye(12));
  EXPECT_TRUE(at::equal(u, before));
  linear.train();
  linear(at::eye(12));
  EXPECT_FALSE(at::equal(u, before));
}

TEST(SpectralNormTest, ReachesEveryWeightOfEveryDiscriminator) {
  for (const auto& network : discriminator_names()) {
    if (network == "r3") continue;
    auto options = discriminator_options(network);
    options.spectral_norm = true;
    const auto discriminator = make_discriminator(options, {1, 16, 16}, 2, make_random(1));
    for (const auto& module : discriminator->modules(/*include_self=*/false)) {
      const bool weighted = module->named_parameters(/*recurse=*/false).contains("weight");
      EXPECT_EQ(module->named_buffers(/*recurse=*/false).contains("u"), weighted) << network;
    }
  }
}

TEST(DiscriminatorTest, DropoutDrawsFromThePassedGeneratorOnly) {
  for (const auto& network : discriminator_names()) {
    auto options = discriminator_options(network);
    options.dropout = 0.5;
    const auto discriminator = make_discriminator(options, {1, 16, 16}, 0, make_random(1));
    const auto images = at::empty({3, 1, 16, 16}).normal_(0, 1, make_random(3));
    EXPECT_THROW(discriminator->forward(images, {}), Error);
    const auto logits = [&](uint64_t seed) {
      discriminator->use_random(make_random(seed));
      return discriminator->forward(images, {});
    };
    torch::manual_seed(5);
    const auto one = logits(1);
    torch::manual_seed(6);
    EXPECT_TRUE(at::equal(one, logits(1))) << network;
    EXPECT_FALSE(at::equal(one, logits(2))) << network;
    discriminator->eval();
    EXPECT_TRUE(at::equal(logits(1), logits(2))) << network;
  }
}

std::string generator_error(const std::function<void(GeneratorOptions&)>& change, ImageShape shape) {
  GeneratorOptions options;
  change(options);
  try {
    make_generator(options, shape, 0, make_random(1));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string discriminator_error(const std::function<void(DiscriminatorOptions&)>& change, ImageShape shape) {
  DiscriminatorOptions options;
  change(options);
  try {
    make_discriminator(options, shape, 0, make_random(1));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(CatalogTest, GeneratorErrorsSayWhatIsAccepted) {
  using testing::HasSubstr;
  const ImageShape shape{3, 32, 32};
  EXPECT_THAT(generator_error([](auto& o) { o.network = "dcgam"; }, shape),
              HasSubstr("did you mean \"dcgan\""));
  EXPECT_THAT(generator_error([](auto& o) { o.upsampling = "nearst"; }, shape),
              HasSubstr("did you mean \"nearest\""));
  EXPECT_THAT(generator_error([](auto& o) { o.width = 0; }, shape), HasSubstr("generator.width: received 0"));
  EXPECT_THAT(generator_error([](auto& o) { o.network = "r3"; }, shape),
              HasSubstr("accepted by the network \"r3\": none"));
  EXPECT_THAT(generator_error([](auto&) {}, {2, 1, 1}), HasSubstr("accepted for points: mlp"));
}

TEST(CatalogTest, SizesThatDoNotFitNameTheNearestThatDo) {
  using testing::HasSubstr;
  EXPECT_THAT(generator_error([](auto&) {}, {3, 30, 30}), HasSubstr("28x28, 32x32"));
  EXPECT_THAT(generator_error([](auto&) {}, {3, 31, 36}), HasSubstr("28x36, 32x40"));
  EXPECT_THAT(generator_error([](auto& o) { o.depth = 4; }, {3, 28, 28}), HasSubstr("16x16, 32x32"));
  EXPECT_THAT(generator_error([](auto& o) { o.depth = 60; }, {3, 28, 28}),
              HasSubstr("received images of 28x28"));
  EXPECT_THAT(generator_error([](auto&) {}, {3, 3, 300}), HasSubstr("received images of 3x300"));
  EXPECT_THAT(discriminator_error([](auto&) {}, {3, 30, 30}), HasSubstr("28x28, 32x32"));
}

TEST(CatalogTest, DiscriminatorErrorsSayWhatIsAccepted) {
  using testing::HasSubstr;
  const ImageShape shape{3, 32, 32};
  EXPECT_THAT(discriminator_error([](auto& o) { o.normalization = "layer"; }, shape),
              HasSubstr("batch, instance, none"));
  EXPECT_THAT(discriminator_error([](auto& o) { o.dropout = 1; }, shape),
              HasSubstr("discriminator.dropout: received 1"));
  EXPECT_THAT(discriminator_error([](auto& o) { o.network = "pytorch-gan"; }, {2, 1, 1}),
              HasSubstr("accepted for points: mlp"));
  EXPECT_THAT(discriminator_error([](auto& o) { o.depth = 5, o.normalization = "instance"; }, shape),
              HasSubstr("one pixel"));
}

}  // namespace
}  // namespace forger
