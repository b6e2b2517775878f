#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/torch.h"
#include "forger/error.h"
#include "objectives/catalog.h"
#include "support/golden_json.h"

namespace forger {
namespace {

std::shared_ptr<const Objective> objective(const std::string& name, double label_smoothing = 0) {
  ObjectiveOptions options;
  options.name = name;
  options.label_smoothing = label_smoothing;
  return make_objective(options);
}

at::Tensor logits(std::vector<double> values) {
  return torch::tensor(values, at::kDouble).to(at::kFloat).requires_grad_(true);
}

double discriminator_loss(const Objective& objective, double real, double fake) {
  return objective.discriminator_loss(logits({real, real}), logits({fake, fake})).item<double>();
}

double generator_loss(const Objective& objective, double fake, double real = 0) {
  return objective.generator_loss(logits({fake, fake}), logits({real, real})).item<double>();
}

const double kLog2 = std::log(2.0);

TEST(ObjectiveCatalogTest, MakesEveryNameItLists) {
  const auto names = objective_names();
  EXPECT_EQ(names,
            (std::vector<std::string>{"minimax", "non-saturating", "density-ratio", "least-squares", "wasserstein",
                                      "wasserstein-gp", "hinge", "relativistic", "relativistic-average"}));
  for (const auto& name : names) EXPECT_EQ(objective(name)->name(), name);
}

TEST(ObjectiveCatalogTest, NamesTheNearestKnownObjective) {
  const auto message = [](const std::string& name) -> std::string {
    try {
      objective(name);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  const std::string accepted =
      "accepted: minimax, non-saturating, density-ratio, least-squares, wasserstein, wasserstein-gp, hinge, "
      "relativistic, relativistic-average";
  EXPECT_EQ(message("hinje"), "objective.name: received \"hinje\", " + accepted + " (did you mean \"hinge\"?)");
  EXPECT_EQ(message("wgan_gp"),
            "objective.name: received \"wgan_gp\", " + accepted + " (did you mean \"wasserstein-gp\"?)");
  EXPECT_EQ(message("lsgan"), "objective.name: received \"lsgan\", " + accepted + " (did you mean \"least-squares\"?)");
  EXPECT_EQ(message("0123456789"), "objective.name: received \"0123456789\", " + accepted);
}

TEST(ObjectiveTest, OnlyRelativisticOnesNeedReals) {
  for (const auto& name : objective_names()) {
    EXPECT_EQ(objective(name)->generator_needs_reals(), name.starts_with("relativistic")) << name;
  }
}

TEST(ObjectiveTest, LossesAtLogitZeroAreTheEquilibriumValues) {
  // D = 1/2 everywhere: Goodfellow et al. 2014, theorem 1, V = -log 4.
  EXPECT_NEAR(discriminator_loss(*objective("minimax"), 0, 0), 2 * kLog2, 1e-6);
  EXPECT_NEAR(generator_loss(*objective("minimax"), 0), -kLog2, 1e-6);
  EXPECT_NEAR(discriminator_loss(*objective("non-saturating"), 0, 0), 2 * kLog2, 1e-6);
  EXPECT_NEAR(generator_loss(*objective("non-saturating"), 0), kLog2, 1e-6);
  EXPECT_NEAR(discriminator_loss(*objective("density-ratio"), 0, 0), 2 * kLog2, 1e-6);
  EXPECT_NEAR(generator_loss(*objective("density-ratio"), 0), 0, 1e-6);
  EXPECT_NEAR(discriminator_loss(*objective("relativistic"), 0, 0), kLog2, 1e-6);
  EXPECT_NEAR(generator_loss(*objective("relativistic"), 0), kLog2, 1e-6);
  EXPECT_NEAR(discriminator_loss(*objective("relativistic-average"), 0, 0), kLog2, 1e-6);
  EXPECT_EQ(discriminator_loss(*objective("wasserstein"), 0, 0), 0);
  EXPECT_EQ(discriminator_loss(*objective("wasserstein-gp"), 0, 0), 0);
  EXPECT_EQ(discriminator_loss(*objective("hinge"), 0, 0), 2);
}

TEST(ObjectiveTest, LeastSquaresAtItsEquilibriumOneHalf) {
  EXPECT_NEAR(discriminator_loss(*objective("least-squares"), 0.5, 0.5), 0.25, 1e-7);
  EXPECT_NEAR(generator_loss(*objective("least-squares"), 0.5), 0.125, 1e-7);
  EXPECT_EQ(discriminator_loss(*objective("least-squares"), 1, 0), 0);
  EXPECT_EQ(generator_loss(*objective("least-squares"), 1), 0);
}

TEST(ObjectiveTest, HingeIsZeroBeyondItsMargins) {
  EXPECT_EQ(discriminator_loss(*objective("hinge"), 1.5, -3), 0);
  EXPECT_EQ(discriminator_loss(*objective("hinge"), 0.5, -0.5), 1);
  EXPECT_EQ(generator_loss(*objective("hinge"), -0.5), 0.5);
}

TEST(ObjectiveTest, MinimaxIsAZeroSumGame) {
  // V(D, G): what the generator minimises is, in its own part, the negative of what the discriminator
  // minimises.
  const auto fake = logits({-3, 0.5, 2});
  const auto minimax = objective("minimax");
  const auto by_discriminator = torch::autograd::grad({minimax->discriminator_loss(logits({1, 2, 3}), fake)}, {fake});
  const auto by_generator = torch::autograd::grad({minimax->generator_loss(fake, {})}, {fake});
  EXPECT_TRUE(at::equal(by_generator[0], -by_discriminator[0]));
}

TEST(ObjectiveTest, MinimaxSaturatesWhereTheDiscriminatorIsSureAndNonSaturatingDoesNot) {
  const auto slope = [](const std::string& name) {
    const auto fake = logits({-20});
    return torch::autograd::grad({objective(name)->generator_loss(fake, {})}, {fake})[0].item<double>();
  };
  EXPECT_NEAR(slope("minimax"), 0, 1e-8);
  EXPECT_NEAR(slope("non-saturating"), -1, 1e-8);
}

TEST(ObjectiveTest, SmoothedRealTargetIsWhereTheDiscriminatorStops) {
  // The minimum over the real's logit: sigmoid(l) = 0.9 for cross-entropy, l = 0.9 for least squares.
  for (const auto& [name, best] : std::vector<std::pair<std::string, double>>{
           {"minimax", std::log(9.0)}, {"non-saturating", std::log(9.0)}, {"least-squares", 0.9}}) {
    const auto real = logits({best});
    const auto loss = objective(name, 0.1)->discriminator_loss(real, logits({0}));
    EXPECT_NEAR(torch::autograd::grad({loss}, {real})[0].item<double>(), 0, 1e-6) << name;
  }
}

TEST(ObjectiveTest, ProbabilityIsDefinedWhereALogitHasThatMeaning) {
  const auto values = logits({-2, 0, 0.25, 3});
  for (const auto* name : {"minimax", "non-saturating"}) {
    EXPECT_TRUE(at::allclose(objective(name)->probability(values), at::sigmoid(values))) << name;
  }
  EXPECT_TRUE(at::equal(objective("least-squares")->probability(values), logits({0, 0, 0.25, 1})));
  for (const auto* name : {"wasserstein", "wasserstein-gp", "hinge", "relativistic", "relativistic-average"}) {
    EXPECT_FALSE(objective(name)->probability(values).defined()) << name;
  }
}

TEST(ObjectiveTest, HugeLogitsGiveFiniteLossesAndGradients) {
  for (const auto& name : objective_names()) {
    for (const double smoothing : {0.0, 0.1}) {
      const auto loss = objective(name, smoothing);
      const auto real = logits({-1e4, 1e4, -1e4, 1e4}), fake = logits({-1e4, -1e4, 1e4, 1e4});
      const auto discriminator = loss->discriminator_loss(real, fake);
      const auto generator = loss->generator_loss(fake, real);
      auto gradients = torch::autograd::grad({discriminator}, {real, fake});
      gradients.push_back(torch::autograd::grad({generator}, {fake})[0]);
      gradients.insert(gradients.end(), {discriminator, generator});
      for (const auto& value : gradients) EXPECT_TRUE(value.isfinite().all().item<bool>()) << name << value;
    }
  }
}

TEST(ObjectiveTest, EqualsPyTorchAutograd) {
  const auto golden = read_golden("objectives/golden/losses.json");
  ASSERT_EQ(golden["cases"].size(), 13U);
  for (const auto& expected : golden["cases"]) {
    const auto name = expected["name"].get<std::string>();
    SCOPED_TRACE(name + " " + expected["label_smoothing"].dump());
    const auto loss = objective(name, expected["label_smoothing"]);
    const auto real = golden_tensor(golden["real"]).requires_grad_(true);
    const auto fake = golden_tensor(golden["fake"]).requires_grad_(true);
    const auto near = [&](const at::Tensor& received, const char* key) {
      EXPECT_TRUE(at::allclose(received, golden_tensor(expected[key]), 1e-5, 1e-7)) << key << received;
    };
    const auto discriminator = loss->discriminator_loss(real, fake);
    EXPECT_NEAR(discriminator.item<double>(), expected["discriminator_loss"].get<double>(), 1e-4);
    const auto gradients = torch::autograd::grad({discriminator}, {real, fake});
    near(gradients[0], "discriminator_by_real");
    near(gradients[1], "discriminator_by_fake");
    const auto generator = loss->generator_loss(fake, loss->generator_needs_reals() ? real : at::Tensor());
    EXPECT_NEAR(generator.item<double>(), expected["generator_loss"].get<double>(), 1e-4);
    near(torch::autograd::grad({generator}, {fake})[0], "generator_by_fake");
  }
}

TEST(RelativisticTest, RefusesUnpairedLogits) {
  EXPECT_THROW(objective("relativistic")->discriminator_loss(logits({1, 2, 3}), logits({1})), Error);
}

/// Logits and a shift that are whole multiples of 1/64 and small, so that their sums are exact in float32.
std::vector<double> exact_logits(int count) {
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(*rc::gen::inRange(-640, 640) / 64.0);
  return values;
}

RC_GTEST_PROP(RelativisticTest, LossesDoNotChangeWhenAllLogitsAreShifted, ()) {
  const auto real = logits(exact_logits(5)), fake = logits(exact_logits(5));
  const double shift = *rc::gen::inRange(-6400, 6400) / 64.0;
  const auto loss = objective("relativistic");
  RC_ASSERT(at::equal(loss->discriminator_loss(real + shift, fake + shift), loss->discriminator_loss(real, fake)));
  RC_ASSERT(at::equal(loss->generator_loss(fake + shift, real + shift), loss->generator_loss(fake, real)));
}

RC_GTEST_PROP(RelativisticTest, GeneratorPlaysTheDiscriminatorsGameWithSwappedRoles, ()) {
  const auto real = logits(exact_logits(5)), fake = logits(exact_logits(5));
  const auto loss = objective("relativistic");
  RC_ASSERT(at::equal(loss->generator_loss(fake, real), loss->discriminator_loss(fake, real)));
}

RC_GTEST_PROP(WassersteinTest, CriticLossDoesNotChangeWhenAllLogitsAreShifted, ()) {
  const auto real = logits(exact_logits(4)), fake = logits(exact_logits(4));
  const double shift = *rc::gen::inRange(-6400, 6400) / 64.0;
  for (const auto* name : {"wasserstein", "wasserstein-gp"}) {
    const auto loss = objective(name);
    RC_ASSERT(at::equal(loss->discriminator_loss(real + shift, fake + shift), loss->discriminator_loss(real, fake)));
  }
}

RC_GTEST_PROP(WassersteinTest, GeneratorLossFallsByExactlyTheShift, ()) {
  const auto fake = logits(exact_logits(4));
  const double shift = *rc::gen::inRange(-6400, 6400) / 64.0;
  const auto loss = objective("wasserstein");
  RC_ASSERT(at::equal(loss->generator_loss(fake + shift, {}), loss->generator_loss(fake, {}) - shift));
}

RC_GTEST_PROP(CrossEntropyTest, DiscriminatorLossIsSymmetricUnderSwappingAndNegating, ()) {
  const auto real = logits(exact_logits(6)), fake = logits(exact_logits(6));
  for (const auto* name : {"minimax", "non-saturating", "hinge"}) {
    const auto loss = objective(name);
    RC_ASSERT(at::equal(loss->discriminator_loss(-fake, -real), loss->discriminator_loss(real, fake)));
  }
}

}  // namespace
}  // namespace forger
