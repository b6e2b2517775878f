#include "games/adaptive_augmentation.h"

#include "core/torch.h"
#include "games/answers.h"

namespace forger {
namespace {

constexpr double kTarget = 0.6;

}  // namespace

AdaptiveAugmentation::AdaptiveAugmentation(const AugmentationOptions& most)
    : most_(most), strength_(most.adaptive ? 0.0 : 1.0) {}

AugmentationOptions AdaptiveAugmentation::options() const {
  if (!most_.adaptive) return most_;
  const double strength = strength_.now();
  AugmentationOptions now = most_;
  for (double* amount : {&now.flip, &now.translation, &now.color, &now.cutout, &now.noise}) *amount *= strength;
  return now;
}

void AdaptiveAugmentation::watch(const Objective& objective, const at::Tensor& real_logits) {
  if (!most_.adaptive) return;
  strength_.follow(mean_sign(objective, real_logits) > kTarget, real_logits.numel());
}

}  // namespace forger
