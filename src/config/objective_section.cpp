#include "config/option_helpers.h"
#include "config/penalties.h"
#include "config/sections.h"
#include "core/fail.h"

namespace forger {
namespace {

Accepted objectives() {
  return {
      .words = {"minimax", "non-saturating", "density-ratio", "least-squares", "wasserstein", "wasserstein-gp", "hinge",
                "relativistic", "relativistic-average"},
      .other_names = {{"wgan", "wasserstein"},
                      {"wgan-gp", "wasserstein-gp"},
                      {"lsgan", "least-squares"},
                      {"mse", "least-squares"},
                      {"bce", "non-saturating"},
                      {"alpha-gan", "density-ratio"},
                      {"r3gan", "relativistic"},
                      {"rpgan", "relativistic"},
                      {"ragan", "relativistic-average"},
                      {"esrgan", "relativistic-average"},
                      {"saturating", "minimax"}},
  };
}

void check_penalties(const DiscriminatorOptions& discriminator, const ObjectiveOptions& objective) {
  if (takes_penalties(discriminator)) return;
  const auto refuse = [&](const char* penalty, double weight) {
    if (weight <= 0) return;
    fail(
        "objective.{}: received {} with discriminator.normalization = \"{}\", accepted: 0, or "
        "discriminator.normalization "
        "= \"none\" or \"instance\"",
        penalty, weight, discriminator.normalization);
  };
  refuse("gradient_penalty", objective.gradient_penalty);
  refuse("r1", objective.r1);
  refuse("r2", objective.r2);
}

void check_objective(const Config& config) {
  const ObjectiveOptions& objective = config.objective;
  check_penalties(config.discriminator, objective);
  const std::string& name = objective.name;
  if (name == "wasserstein-gp" && objective.gradient_penalty == 0) {
    fail(
        "objective.gradient_penalty: received 0 with objective.name = \"wasserstein-gp\", accepted: above 0 "
        "(10 in "
        "the paper)");
  }
  if (name == "wasserstein" && objective.gradient_penalty > 0) {
    fail(
        "objective.gradient_penalty: received {} with objective.name = \"wasserstein\", which clips weights "
        "instead, "
        "accepted: 0, or objective.name = \"wasserstein-gp\"",
        objective.gradient_penalty);
  }
  if (name != "wasserstein" && objective.clip != ObjectiveOptions{}.clip) {
    fail("objective.clip: received {} with objective.name = \"{}\", accepted: only with \"wasserstein\"",
         objective.clip, name);
  }
  const bool smooths =
      name == "minimax" || name == "non-saturating" || name == "density-ratio" || name == "least-squares";
  if (objective.label_smoothing > 0 && !smooths) {
    fail(
        "objective.label_smoothing: received {} with objective.name = \"{}\", accepted: only with minimax, "
        "non-saturating, density-ratio, least-squares",
        objective.label_smoothing, name);
  }
}

}  // namespace

Section objective_section() {
  return {
      "objective",
      {
          {"objective.name", place<&Config::objective, &ObjectiveOptions::name>, objectives(), "The adversarial loss."},
          {"objective.label_smoothing", place<&Config::objective, &ObjectiveOptions::label_smoothing>, below(0, 1),
           "Target for reals is 1 minus this (minimax, non-saturating, density-ratio, least-squares)."},
          {"objective.clip", place<&Config::objective, &ObjectiveOptions::clip>, above(0, 100),
           "Clips every critic weight to [-clip, clip] after its turn (wasserstein only)."},
          {"objective.r1", place<&Config::objective, &ObjectiveOptions::r1>, range(0, 1e6),
           "Weight gamma of gamma/2 E|grad D(real)|^2. A penalty makes the discriminator's turn about twice "
           "as long."},
          {"objective.r2", place<&Config::objective, &ObjectiveOptions::r2>, range(0, 1e6),
           "Weight gamma of gamma/2 E|grad D(fake)|^2."},
          {"objective.gradient_penalty", place<&Config::objective, &ObjectiveOptions::gradient_penalty>, range(0, 1e6),
           "Weight of E(|grad D(between real and fake)| - 1)^2."},
          {"objective.penalty_every", place<&Config::objective, &ObjectiveOptions::penalty_every>, range(1, 1000),
           "Applies the penalties in every k-th step only, multiplied by k: cheaper, a little less exact."},
      },
      check_objective};
}

}  // namespace forger
