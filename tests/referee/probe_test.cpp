#include "referee/probe.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/torch.h"
#include "referee/detectors.h"
#include "referee/inverted_shapes.h"
#include "referee/verdict.h"

namespace forger {
namespace {

/// A generator that multiplies its source by a number.
class Factor : public Network {
 public:
  explicit Factor(double factor) : factor_(register_buffer("factor", at::full({}, factor))) {}
  at::Tensor factor_;
};

/// A game of it without a discriminator.
class FactorExhibit : public Exhibit {
 public:
  explicit FactorExhibit(bool imitates)
      : Exhibit(config(), {ImageShape{3, 16, 16}}, std::make_shared<Factor>(0), nullptr, {}), imitates_(imitates) {}
  Origins draw_origins(int64_t, const ItemRandom&, const Origins& given) const override {
    return {.sources = given.sources};
  }
  bool imitates_data() const override { return imitates_; }
  bool has_truths() const override { return true; }

 protected:
  at::Tensor make(Network& generator, const Origins& origins) override {
    return dynamic_cast<Factor&>(generator).factor_ * origins.sources;
  }

 private:
  static Config config() {
    Config config;
    config.game = "autoencoding";  // where no discriminator plays
    return config;
  }
  bool imitates_;
};

TensorMap state_of(double factor) { return {{"generator.network.factor", at::full({}, factor)}}; }

Check look(bool imitates, double factor) {
  Probe probe(std::make_unique<FactorExhibit>(imitates), inverted_shapes(), /*seed=*/1, /*costly=*/false);
  Check check;
  check.step = 100;
  probe.measure(state_of(factor), check);
  return check;
}

TEST(ProbeTest, WhereImagesHaveATruthTheyAreHeldAgainstIt) {
  // Half-way to the truth from grey: the errors are half of the truth's own numbers.
  const auto half = look(/*imitates=*/true, -0.5);
  const auto& unseen = inverted_shapes()->unseen;
  const auto expected = (-10 * (unseen / 4).square().mean({1, 2, 3}).log10()).mean().item<double>();
  EXPECT_NEAR(half.truth_psnr_db, expected, 1e-3);
  // An inverted image is as far from itself as twice its numbers.
  const auto unchanged = (-10 * unseen.square().mean({1, 2, 3}).log10()).mean().item<double>();
  EXPECT_NEAR(half.source_psnr_db, unchanged, 1e-3);
  const auto perfect = look(/*imitates=*/true, -1);
  EXPECT_EQ(perfect.truth_psnr_db, 99);
}

TEST(ProbeTest, WhatLooksLikeTheDataAsAWholeIsMeasuredAsAWhole) {
  const auto perfect = look(/*imitates=*/true, -1), inverted = look(/*imitates=*/true, 1);
  EXPECT_TRUE(perfect.imitates_data);
  EXPECT_LT(perfect.kid, inverted.kid);
  EXPECT_GT(perfect.coverage, inverted.coverage);
}

TEST(ProbeTest, WhatIsNotMeantToIsNotJudged) {
  const auto check = look(/*imitates=*/false, -0.5);
  EXPECT_TRUE(std::isnan(check.kid) && std::isnan(check.diversity));
  EXPECT_FALSE(std::isnan(check.truth_psnr_db));
  const std::vector<Check> checks(8, check);
  const auto findings = find_states(checks, {});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].state, State::not_judged);
  const auto verdict = make_verdict(findings, checks, Config{}, Limits{}, Texts::in("en"));
  EXPECT_NE(verdict.sentence.find("dB"), std::string::npos) << verdict.sentence;
  EXPECT_TRUE(verdict.remedies.empty());
}

TEST(ProbeTest, WeightsThatAreNoNumbersEndTheMeasurement) {
  const auto check = look(/*imitates=*/true, std::numeric_limits<double>::quiet_NaN());
  EXPECT_FALSE(check.finite);
  EXPECT_TRUE(std::isnan(check.kid));
}

TEST(ProbeTest, AnImageReachesAsFarAsItsLargestValueOfEitherSign) {
  const auto images = at::tensor({3.0F, -4.0F, 1.0F, 2.0F}).view({2, 2, 1, 1});
  EXPECT_DOUBLE_EQ(image_reach(images), 3);
}

}  // namespace
}  // namespace forger
