#include "networks/translator.h"

#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "core/torch.h"

#include "core/random.h"
#include "forger/error.h"
#include "networks/catalog.h"

namespace forger {
namespace {

TranslatorOptions narrow_translator(const std::string& network, const std::string& normalization = "instance",
                                    const std::string& upsampling = "resize") {
  TranslatorOptions options;
  options.network = network;
  options.normalization = normalization;
  options.upsampling = upsampling;
  options.width = 4;
  options.max_width = 8;
  options.depth = 3;
  options.dropout_levels = 1;
  options.blocks = 1;
  return options;
}

std::vector<TranslatorOptions> every_translator() {
  std::vector<TranslatorOptions> all;
  for (const auto& network : translator_names()) {
    for (const char* normalization : {"instance", "batch", "none"}) {
      for (const char* upsampling : {"resize", "transposed"}) {
        all.push_back(narrow_translator(network, normalization, upsampling));
      }
    }
  }
  return all;
}

at::Tensor drawn_images(int64_t channels, int64_t height, int64_t width, uint64_t seed = 1) {
  return at::rand({2, channels, height, width}, make_random(seed)) * 2 - 1;
}

/// On one thread: for images this small, several only wait for each other.
class TranslatorTest : public testing::TestWithParam<TranslatorOptions> {
 protected:
  void SetUp() override { at::set_num_threads(1); }
  void TearDown() override { at::set_num_threads(threads_); }

 private:
  int threads_ = at::get_num_threads();
};

TEST_P(TranslatorTest, MakesImagesOfTheSameSizeAndOtherChannelsAtAnySize) {
  const auto network = make_translator(GetParam(), 1, 3, make_random(1));
  network->eval();
  for (const auto& [height, width] : {std::pair<int64_t, int64_t>{8, 16}, {13, 9}, {1, 2}}) {
    const auto images = network->forward(drawn_images(1, height, width));
    EXPECT_THAT(images.sizes().vec(), testing::ElementsAre(2, 3, height, width));
    EXPECT_EQ(images.scalar_type(), at::kFloat);
    EXPECT_TRUE(images.is_contiguous(at::MemoryFormat::ChannelsLast));
    EXPECT_LE(images.abs().max().item<double>(), 1);
  }
  EXPECT_EQ(network->rule().scale, 1);
  EXPECT_EQ(network->rule().multiple_px, GetParam().network == "unet" ? 8 : 4);
}

TEST_P(TranslatorTest, EveryWeightLearns) {
  const auto network = make_translator(GetParam(), 3, 3, make_random(1));
  (network->forward(drawn_images(3, 16, 16)) * drawn_images(3, 16, 16, 2)).sum().backward();
  for (const auto& parameter : network->named_parameters()) {
    ASSERT_TRUE(parameter.value().grad().defined()) << parameter.key();
    EXPECT_GT(parameter.value().grad().abs().sum().item<double>(), 0) << parameter.key();
  }
}

TEST_P(TranslatorTest, SeesAsFarAsItsRuleSaysAndNoFarther) {
  if (GetParam().normalization != "none") return;  // they see the whole image
  const auto network = make_translator(GetParam(), 3, 3, make_random(1));
  network->to(at::kDouble);  // the smallest influences are far below what float32 adds up
  network->eval();
  for (auto& weight : network->parameters()) {
    const torch::NoGradGuard still;
    weight.abs_().add_(0.01).div_(weight.numel());  // positive everywhere: nothing cancels
  }
  const int64_t multiple = network->rule().multiple_px, reach = network->rule().halo_px;
  const int64_t middle = (reach / multiple + 1) * multiple, side = 2 * middle + multiple;
  int64_t farthest = 0;
  for (int64_t within = 0; within < multiple; ++within) {
    const auto image = at::full({1, 3, side, 8}, 0.5, at::kDouble).set_requires_grad(true);
    const int64_t place = middle + within;
    network->forward(image).slice(2, place, place + 1).sum().backward();
    const auto seen = image.grad()[0].abs().sum({0, 2}).nonzero().flatten();
    farthest = std::max({farthest, place - seen[0].item<int64_t>(), seen[-1].item<int64_t>() - place});
  }
  EXPECT_EQ(farthest, reach);
}

TEST_P(TranslatorTest, AnImageIsTranslatedAloneAsAmongOthers) {
  const auto network = make_translator(GetParam(), 3, 3, make_random(1));
  network->eval();
  const auto images = drawn_images(3, 16, 16);
  const auto together = network->forward(images);
  EXPECT_TRUE(at::allclose(network->forward(images.narrow(0, 1, 1)), together.narrow(0, 1, 1), 1e-4, 1e-5));
}

INSTANTIATE_TEST_SUITE_P(All, TranslatorTest, testing::ValuesIn(every_translator()), [](const auto& info) {
  return info.param.network + "_" + info.param.normalization + "_" + info.param.upsampling;
});

TEST(TranslatorStatisticsTest, OfTheImageAreThoseOfABatchOfOne) {
  for (const auto& name : translator_names()) {
    auto options = narrow_translator(name, "batch");
    const auto network = make_translator(options, 3, 3, make_random(1));
    options.statistics = "running";
    const auto running = make_translator(options, 3, 3, make_random(1));
    const auto image = drawn_images(3, 16, 16).narrow(0, 0, 1);
    const auto in_training = network->forward(image);
    network->eval();
    running->eval();
    EXPECT_TRUE(at::allclose(network->forward(image), in_training, 1e-4, 1e-6)) << name;
    EXPECT_FALSE(at::allclose(running->forward(image), in_training, 1e-2, 1e-3)) << name;
  }
}

TEST(TranslatorDropoutTest, IsThereWhenTheModelIsUsedWhereItIsAskedFor) {
  for (const auto& name : translator_names()) {
    auto options = narrow_translator(name);
    options.dropout = 0.5;
    const auto network = make_translator(options, 3, 3, make_random(1));
    network->eval();
    const auto image = drawn_images(3, 16, 16);
    const auto made = [&](uint64_t seed) {
      network->use_random(ItemRandom(seed));
      return network->forward(image);
    };
    EXPECT_TRUE(at::equal(made(1), made(2))) << name;
    network->draw_in_evaluation(true);
    EXPECT_TRUE(at::equal(made(1), made(1))) << name;
    EXPECT_FALSE(at::equal(made(1), made(2))) << name;
  }
}

TEST(TranslatorOptionsTest, AreRefusedWhereTheyDoNotFitEachOther) {
  const auto refusal = [](void (*change)(TranslatorOptions&)) -> std::string {
    TranslatorOptions options;
    change(options);
    try {
      make_translator(options, 3, 3, make_random(1));
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  EXPECT_THAT(refusal([](auto& options) { options.network = "resnett"; }),
              testing::HasSubstr("did you mean \"resnet\"?"));
  EXPECT_EQ(refusal([](auto& options) { options.width = 1024; }),
            "translator.max_width: received 512, accepted: at least translator.width, which is 1024");
  EXPECT_EQ(refusal([](auto& options) {
              options.depth = 3;
              options.dropout = 0.5;
            }),
            "translator.dropout_levels: received 3 with translator.depth 3 and dropout, accepted: 1 to 1");
  EXPECT_THROW(make_translator({}, 2, 5, make_random(1)), Error);
}

TEST(FilledUpTest, MirrorsAsOftenAsNeededAndRepeatsWhatCannotBeMirrored) {
  const auto row = at::arange(1, 4, at::kFloat).view({1, 1, 1, 3});
  const auto filled = filled_up(row, 8);
  EXPECT_THAT(filled.sizes().vec(), testing::ElementsAre(1, 1, 8, 8));
  const auto expected = at::tensor({1.F, 2.F, 3.F, 2.F, 1.F, 2.F, 3.F, 2.F});
  for (int64_t y = 0; y < 8; ++y) EXPECT_TRUE(at::equal(filled[0][0][y], expected)) << y;
  EXPECT_THAT(filled_up(row, 2, 6).sizes().vec(), testing::ElementsAre(1, 1, 6, 6));
  EXPECT_TRUE(at::equal(filled_up(row, 1), row));
}

}  // namespace
}  // namespace forger
