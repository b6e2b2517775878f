#include "referee/translation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/torch.h"
#include "referee/inverted_shapes.h"
#include "referee/probe.h"

namespace forger {
namespace {

/// A generator that multiplies its source by a number and adds noise of a deviation, by an image's place in a batch.
class FactorAndNoise : public Network {
 public:
  at::Tensor factor_ = register_buffer("factor", at::zeros({}));
  at::Tensor noise_ = register_buffer("noise", at::zeros({}));
};

class TranslationOfShapes : public Exhibit {
 public:
  TranslationOfShapes(bool translates, bool has_truths, bool has_image_sources)
      : Exhibit(config(), {ImageShape{3, 16, 16}}, std::make_shared<FactorAndNoise>(), nullptr, {}),
        translates_(translates),
        has_truths_(has_truths),
        has_image_sources_(has_image_sources) {}
  Origins draw_origins(int64_t, const ItemRandom&, const Origins& given) const override {
    return {.sources = given.sources};
  }
  bool translates() const override { return translates_; }
  bool has_truths() const override { return has_truths_; }
  bool has_image_sources() const override { return has_image_sources_; }

 protected:
  at::Tensor make(Network& generator, const Origins& origins) override {
    const auto& network = dynamic_cast<FactorAndNoise&>(generator);
    return network.factor_ * origins.sources + network.noise_ * ItemRandom(7).normal(origins.sources.sizes());
  }

 private:
  static Config config() {
    Config config;
    config.game = "autoencoding";  // where no discriminator plays
    return config;
  }
  bool translates_, has_truths_, has_image_sources_;
};

struct Kind {
  bool translates = true, has_truths = true, has_image_sources = true;
};

Check look(double factor, double noise = 0, Kind kind = {}) {
  Probe probe(std::make_unique<TranslationOfShapes>(kind.translates, kind.has_truths, kind.has_image_sources),
              inverted_shapes(), /*seed=*/1,
              /*costly=*/false);
  Check check;
  probe.measure({{"generator.network.factor", at::full({}, factor)}, {"generator.network.noise", at::full({}, noise)}},
                check);
  return check;
}

TEST(TranslationTest, ACopyIsNoDistanceFromItsSourceAndNoNearerToTheTruth) {
  const auto copy = look(1);
  EXPECT_NEAR(copy.source_distance, 0, 1e-6);
  EXPECT_NEAR(copy.truth_distance, 1, 1e-6);
  EXPECT_NEAR(copy.kid, copy.source_kid, 0.2 * copy.source_kid);
  EXPECT_TRUE(std::isnan(look(1, 0, {.has_truths = false}).truth_distance));
  EXPECT_NEAR(look(1, 0, {.has_truths = false}).source_distance, 0, 1e-6);
}

TEST(TranslationTest, ALabelMapIsNoImageThatCouldBeCopied) {
  const auto copy = look(1, 0, {.has_image_sources = false});
  EXPECT_TRUE(std::isnan(copy.source_distance));
  EXPECT_TRUE(std::isnan(copy.source_psnr_db));
  EXPECT_TRUE(std::isnan(copy.source_kid));
  EXPECT_NEAR(copy.source_effect, 1, 1e-6) << "of what is real, which differs as much here";
  EXPECT_FALSE(std::isnan(look(1).source_psnr_db));
}

TEST(TranslationTest, TheRightImageIsAsFarFromItsSourceAsTheTruth) {
  const auto right = look(-1);
  EXPECT_NEAR(right.source_distance, 1, 1e-6);
  EXPECT_NEAR(right.truth_distance, 0, 1e-6);
  EXPECT_NEAR(right.source_effect, 1, 1e-6);
  EXPECT_NEAR(right.color_variety, 1, 1e-6);
  EXPECT_NEAR(right.light_agreement, 1, 1e-4);
  EXPECT_LT(right.kid, right.negative_kid);
}

TEST(TranslationTest, AFifthOfTheRightImageHasAFifthOfItsColoursAndOfItsDifferences) {
  const auto pale = look(-0.2);
  EXPECT_NEAR(pale.color_variety, 0.2, 1e-6);
  EXPECT_NEAR(pale.source_effect, 0.2, 1e-6);
  EXPECT_NEAR(pale.source_distance, 0.6, 1e-6);
  EXPECT_NEAR(pale.truth_distance, 0.4, 1e-6);
}

TEST(TranslationTest, WhatIsAlwaysTheSameOrGoesByChanceDoesNotFollowItsSource) {
  EXPECT_EQ(look(0).source_effect, 0);
  EXPECT_LT(look(0, 0.3).source_effect, 0.1);
  EXPECT_NEAR(look(-1, 0.3).source_effect, 1, 0.05);
}

TEST(TranslationTest, TheRightImageIsNearerToItsOwnTruthAndAConstantOneByChance) {
  EXPECT_GT(look(-1).own_truth, 0.98);
  EXPECT_NEAR(look(0).own_truth, 0.5, 0.25);
  EXPECT_NEAR(look(0).own_truth_high - look(0).own_truth, 1.645 * 0.05, 1e-9) << "a hundred images";
  EXPECT_TRUE(std::isnan(look(-1, 0, {.has_truths = false}).own_truth));
}

TEST(TranslationTest, ANegativeOfTheTruthGoesAgainstIt) {
  const auto inverted = look(1);
  EXPECT_NEAR(inverted.light_agreement, -1, 1e-4);
  EXPECT_LT(inverted.negative_kid, 0.1 * inverted.kid);
  // Without truths what was made is held against its source, which is where inverting is right.
  EXPECT_NEAR(look(-1, 0, {.has_truths = false}).light_agreement, -1, 1e-4);
}

TEST(TranslationTest, OfGamesThatDoNotTranslateNothingOfItIsMeasured) {
  const auto check = look(1, 0, {.translates = false});
  for (const double value : {check.source_distance, check.truth_distance, check.source_kid, check.source_effect,
                             check.color_variety, check.light_agreement, check.negative_kid})
    EXPECT_TRUE(std::isnan(value));
  EXPECT_FALSE(std::isnan(check.kid));
}

TEST(TranslationTest, SourcesOfOtherChannelsAreComparedAsImages) {
  const auto grey = at::full({1, 1, 2, 2}, 0.5);
  EXPECT_TRUE(as_images(grey, 3).equal(at::full({1, 3, 2, 2}, 0.5)));
  const auto red = at::tensor({1.0f, -1.0f, -1.0f}).view({1, 3, 1, 1});
  EXPECT_NEAR(as_images(red, 1).item<double>(), 0.299 - 0.587 - 0.114, 1e-6);
  const auto half_clear = at::tensor({-1.0f, 0.0f, 1.0f, 0.0f}).view({1, 4, 1, 1});
  EXPECT_TRUE(as_images(half_clear, 3).allclose(at::tensor({0.0f, 0.5f, 1.0f}).view({1, 3, 1, 1})));
  EXPECT_FALSE(as_images(grey, 4).defined());
}

TEST(TranslationTest, WhereNothingRealDiffersNothingIsSaid) {
  const auto even = at::zeros({4, 3, 2, 2}), images = at::arange(48, at::kFloat).view({4, 3, 2, 2});
  EXPECT_TRUE(std::isnan(source_effect(images, images, even, images)));
  EXPECT_TRUE(std::isnan(source_effect(images, images, images, even)));
  EXPECT_TRUE(std::isnan(color_spread(at::zeros({4, 1, 2, 2}))));
}

TEST(TranslationTest, ColourSpreadIsTheDeviationBesideGrey) {
  // Red and green beside their mean of 1/3: (2/3, -1/3, -1/3) and (-1/3, 2/3, -1/3), each half a difference of
  // (1, -1, 0) from their centre.
  const auto images = at::tensor({1.0f, 0.0f, 0.0f, 0.0f, 1.0f, 0.0f}).view({2, 3, 1, 1});
  EXPECT_NEAR(color_spread(images), std::sqrt(0.5), 1e-6);
  EXPECT_NEAR(color_spread(at::tensor({0.0f, 0.0f, 0.0f, 1.0f, 1.0f, 1.0f}).view({2, 3, 1, 1})), 0, 1e-6);
}

}  // namespace
}  // namespace forger
