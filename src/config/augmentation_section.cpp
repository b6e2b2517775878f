#include <tuple>

#include "config/option_helpers.h"
#include "config/sections.h"
#include "core/fail.h"

namespace forger {
namespace {

/// Beyond this probability changes leak into the samples (Karras et al. 2020, section 2.2).
constexpr double kMostAdaptive = 0.8;

void check_augmentation(const Config& config) {
  const auto& [augmentation, objective] = std::tie(config.augmentation, config.objective);
  if (!augmentation.adaptive) return;
  if (objective.name.starts_with("wasserstein") || objective.name.starts_with("relativistic")) {
    fail(
        "augmentation.adaptive: received true with objective.name = \"{}\", whose logits have no zero that parts real "
        "from fake, accepted: false, or another objective",
        objective.name);
  }
  const auto limit = [&](const char* name, double probability) {
    if (probability <= kMostAdaptive) return;
    fail("augmentation.{}: received {} with augmentation.adaptive, accepted: at most {}, beyond which samples show it",
         name, probability, kMostAdaptive);
  };
  limit("flip", augmentation.flip);
  limit("translation", augmentation.translation);
  limit("color", augmentation.color);
  limit("cutout", augmentation.cutout);
}

}  // namespace

Section augmentation_section() {
  return {"augmentation",
          {
              {"augmentation.flip", place<&Config::augmentation, &AugmentationOptions::flip>, share(),
               "Probability with which the discriminator sees an image, real or fake, mirrored."},
              {"augmentation.translation", place<&Config::augmentation, &AugmentationOptions::translation>, share(),
               "Probability of a shift by up to an eighth of the side."},
              {"augmentation.color", place<&Config::augmentation, &AugmentationOptions::color>, share(),
               "Probability of another brightness, saturation and contrast."},
              {"augmentation.cutout", place<&Config::augmentation, &AugmentationOptions::cutout>, share(),
               "Probability of a blanked square of half the side."},
              {"augmentation.noise", place<&Config::augmentation, &AugmentationOptions::noise>, range(0, 10),
               "Standard deviation of noise that real and fake get alike (instance noise)."},
              {"augmentation.adaptive",
               place<&Config::augmentation, &AugmentationOptions::adaptive>,
               {},
               "Takes all of these as the most, and as much as keeps 80 % of the reals judged real."},
          },
          check_augmentation};
}

}  // namespace forger
