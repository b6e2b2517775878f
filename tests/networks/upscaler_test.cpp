#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "core/torch.h"

#include "core/random.h"
#include "forger/error.h"
#include "networks/catalog.h"
#include "players/precision.h"

namespace forger {
namespace {

UpscalerOptions small(const std::string& network, int64_t scale) {
  UpscalerOptions options;
  options.network = network;
  options.scale = scale;
  options.features = network == "dat" ? 96 : 8;
  options.blocks = 1;
  options.growth = 4;
  options.kernel = 3;
  options.partial = 4;
  options.depth = 2;
  options.window = 4;
  options.window_width = 2;
  options.heads = 2;
  options.hidden = 12;
  return options;
}

std::vector<UpscalerOptions> every_kind() {
  std::vector<UpscalerOptions> all;
  for (const auto& network : upscaler_names()) {
    for (const int64_t scale : {1, 3, 4}) all.push_back(small(network, scale));
  }
  for (const auto& [scale, unshuffle] : {std::pair{1, 4}, {2, 2}, {1, 2}}) {
    all.push_back(small("rrdbnet", scale));
    all.back().unshuffle = unshuffle;
    all.back().base = "none";
  }
  auto original = small("srresnet", 4);
  original.normalization = "batch";
  original.kernel = 9;
  original.base = "none";
  all.push_back(original);
  for (const char* normalization : {"group", "layer"}) {
    all.push_back(small("realplksr", 3));
    all.back().normalization = normalization;
    all.back().attention = false;
  }
  all.push_back(small("span", 2));
  all.back().centred = true;
  for (const auto& [upsampling, scale, unshuffle] : {std::tuple{"direct", 3, 1}, {"nearest", 2, 2}, {"none", 1, 1}}) {
    all.push_back(small("swinir", scale));
    all.back().upsampling = upsampling;
    all.back().unshuffle = unshuffle;
    all.back().window = unshuffle == 1 ? 7 : 2;
    all.back().end_convolutions = 3;
  }
  for (const char* activation : {"relu", "leaky-relu"}) {
    all.push_back(small("compact", 2));
    all.back().activation = activation;
    all.back().base = "bicubic";
  }
  return all;
}

at::Tensor noise(int64_t channels, int64_t height, int64_t width, uint64_t seed = 1) {
  return at::rand({2, channels, height, width}, make_random(seed)) * 2 - 1;
}

/// On one thread: for images this small, several only wait for each other.
class UpscalerTest : public testing::TestWithParam<UpscalerOptions> {
 protected:
  void SetUp() override { at::set_num_threads(1); }
  void TearDown() override { at::set_num_threads(threads_); }

 private:
  int threads_ = at::get_num_threads();
};

TEST_P(UpscalerTest, MakesImagesOfItsScaleAtAnySize) {
  const auto& options = GetParam();
  const auto network = make_upscaler(options, 3, 3, make_random(1));
  network->eval();
  for (const auto& [height, width] : {std::pair<int64_t, int64_t>{8, 12}, {5, 7}, {1, 2}}) {
    const auto images = network->forward(noise(3, height, width));
    EXPECT_THAT(images.sizes().vec(), testing::ElementsAre(2, 3, options.scale * height, options.scale * width));
    EXPECT_EQ(images.scalar_type(), at::kFloat);
    EXPECT_TRUE(images.is_contiguous(at::MemoryFormat::ChannelsLast));
    EXPECT_TRUE(at::isfinite(images).all().item<bool>());
  }
  EXPECT_EQ(network->rule().scale, options.scale);
  EXPECT_EQ(network->rule().multiple_px, options.unshuffle * (options.network == "swinir" ? options.window : 1));
}

TEST_P(UpscalerTest, EveryWeightLearns) {
  const auto network = make_upscaler(GetParam(), 3, 3, make_random(1));
  network->forward(noise(3, 8, 8)).square().sum().backward();
  for (const auto& parameter : network->named_parameters()) {
    // A softmax does not see what is added to all.
    if (parameter.key().ends_with(".pos3.2.bias")) continue;
    EXPECT_TRUE(parameter.value().grad().defined()) << parameter.key();
    EXPECT_GT(parameter.value().grad().abs().sum().item<double>(), 0) << parameter.key();
  }
}

TEST_P(UpscalerTest, SeesAsFarAsItsRuleSaysAndNoFarther) {
  if (GetParam().normalization == "group" || GetParam().network == "dat") return;  // they see the whole image
  const auto network = make_upscaler(GetParam(), 3, 3, make_random(1));
  network->to(at::kDouble);  // the smallest influences are far below what float32 adds up
  network->eval();
  for (auto& weight : network->parameters()) {
    const torch::NoGradGuard still;
    weight.abs_().add_(0.01);  // positive everywhere: nothing cancels
  }
  const auto rule = network->rule();
  const int64_t multiple = rule.multiple_px, reach = rule.halo_px;
  const int64_t middle = (reach / multiple + 1) * multiple;  // a first pixel of a square that is unshuffled
  const int64_t side = 2 * middle + multiple;
  int64_t farthest = 0;
  for (int64_t within = 0; within < multiple; ++within) {
    const auto image = at::full({1, 3, side, multiple}, 0.5, at::kDouble).set_requires_grad(true);
    const auto made = network->forward(image);
    const int64_t place = middle + within;
    made.slice(2, place * rule.scale, (place + 1) * rule.scale).sum().backward();
    const auto seen = image.grad()[0].abs().sum({0, 2}).nonzero().flatten();
    farthest = std::max({farthest, place - seen[0].item<int64_t>(), seen[-1].item<int64_t>() - place});
  }
  EXPECT_EQ(farthest, reach);
}

TEST_P(UpscalerTest, SameSeedGivesSameWeights) {
  const auto images = noise(3, 4, 4);
  const auto one = make_upscaler(GetParam(), 3, 3, make_random(1));
  const auto same = make_upscaler(GetParam(), 3, 3, make_random(1));
  const auto other = make_upscaler(GetParam(), 3, 3, make_random(2));
  EXPECT_TRUE(at::equal(one->forward(images), same->forward(images)));
  EXPECT_FALSE(at::equal(one->forward(images), other->forward(images)));
}

TEST_P(UpscalerTest, GivesTheSameWhereNothingIsLearnt) {
  const auto network = make_upscaler(GetParam(), 3, 3, make_random(1));
  network->eval();
  const auto images = noise(3, 8, 9);
  const auto with_gradients = network->forward(images);
  const torch::NoGradGuard no_grad;
  EXPECT_TRUE(at::allclose(network->forward(images), with_gradients, 1e-4, 1e-5));
  {
    const Precision bfloat16(c10::kCPU, true);
    const auto rounded = network->forward(images);
    EXPECT_LT((rounded - with_gradients).abs().max().item<float>(), 0.1F * with_gradients.abs().max().item<float>());
    EXPECT_FALSE(at::equal(rounded, with_gradients));
  }
  // Weights that changed are packed again.
  for (auto& weight : network->parameters()) weight.mul_(0.5);
  const auto changed = network->forward(images);
  EXPECT_FALSE(at::allclose(changed, with_gradients, 1e-4, 1e-5));
  {
    const at::AutoGradMode gradients(true);
    EXPECT_TRUE(at::allclose(network->forward(images).detach(), changed, 1e-4, 1e-5));
  }
}

INSTANTIATE_TEST_SUITE_P(All, UpscalerTest, testing::ValuesIn(every_kind()), [](const auto& info) {
  const auto& options = info.param;
  return fmt::format("{}_{}_{}_{}_{}", options.network, options.scale, options.unshuffle, options.base, info.index);
});

TEST(UpscalerBaseTest, IsWhatIsLeftWhenTheNetworkSaysNothing) {
  const auto images = noise(3, 4, 5);
  for (const char* base : {"nearest", "bilinear", "bicubic"}) {
    auto options = small("compact", 2);
    options.base = base;
    const auto network = make_upscaler(options, 3, 3, make_random(1));
    const torch::NoGradGuard still;
    for (auto& weight : network->parameters()) weight.zero_();
    const std::vector<int64_t> sides = {8, 10};
    const auto expected = base == std::string("nearest")    ? at::upsample_nearest2d(images, sides)
                          : base == std::string("bilinear") ? at::upsample_bilinear2d(images, sides, false)
                                                            : at::upsample_bicubic2d(images, sides, false);
    EXPECT_TRUE(at::allclose(network->forward(images), expected, 0, 1e-6)) << base;
  }
}

TEST(UpscalerOptionsTest, AreRefusedWhereTheyDoNotFitEachOther) {
  const auto refusal = [](void (*change)(UpscalerOptions&)) -> std::string {
    UpscalerOptions options;
    change(options);
    try {
      make_upscaler(options, 3, 3, make_random(1));
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  EXPECT_EQ(refusal([](auto& options) { options.scale = 5; }), "upscaler.scale: received 5, accepted: 1, 2, 3, 4, 8");
  EXPECT_EQ(refusal([](auto& options) { options.unshuffle = 2; }),
            "upscaler.unshuffle: received 2 with the network \"srresnet\" and scale 4, accepted: 1");
  EXPECT_EQ(refusal([](auto& options) { options.kernel = 4; }), "upscaler.kernel: received 4, accepted: an odd number");
  EXPECT_EQ(refusal([](auto& options) { options.normalization = "group"; }),
            "upscaler.normalization: received \"group\" with the network \"srresnet\", accepted: none, batch");
  EXPECT_THAT(refusal([](auto& options) { options.network = "rrdbnett"; }),
              testing::HasSubstr("did you mean \"rrdbnet\"?"));
  EXPECT_EQ(refusal([](auto& options) { options.upsampling = "dysample"; }),
            "upscaler.upsampling: received \"dysample\" with the network \"srresnet\", accepted: shuffle");
  EXPECT_EQ(refusal([](auto& options) {
              options.network = "swinir";
              options.heads = 5;
            }),
            "upscaler.heads: received 5, accepted: what divides upscaler.features, which is 64");
  EXPECT_EQ(refusal([](auto& options) {
              options.network = "swinir";
              options.end_convolutions = 2;
            }),
            "upscaler.end_convolutions: received 2, accepted: 1, 3");
  EXPECT_EQ(refusal([](auto& options) {
              options.network = "swinir";
              options.upsampling = "none";
            }),
            "upscaler.upsampling: received \"none\" with scale 4 and upscaler.unshuffle 1, accepted: shuffle, direct");
  EXPECT_THAT(refusal([](auto& options) {
                options.network = "dat";
                options.window_width = 12;
              }),
              testing::HasSubstr("upscaler.window_width: received 12 with a window of 8"));
  EXPECT_THROW(make_upscaler({}, 3, 1, make_random(1)), Error);
}

}  // namespace
}  // namespace forger
