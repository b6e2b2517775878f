#include "games/adaptive_augmentation.h"

#include <algorithm>

#include "core/torch.h"

namespace forger {
namespace {

constexpr double kTarget = 0.6;
/// Images in which the strength can go from nothing to all: the paper's 500,000 are for trainings of 25 million.
constexpr double kImagesToFull = 100'000;

}  // namespace

AdaptiveAugmentation::AdaptiveAugmentation(const AugmentationOptions& most)
    : most_(most), strength_(torch::full({}, most.adaptive ? 0.0 : 1.0, at::kDouble)) {}

AugmentationOptions AdaptiveAugmentation::options() const {
  if (!most_.adaptive) return most_;
  const double strength = strength_.item<double>();
  AugmentationOptions now = most_;
  for (double* amount : {&now.flip, &now.translation, &now.color, &now.cutout, &now.noise}) *amount *= strength;
  return now;
}

void AdaptiveAugmentation::watch(const Objective& objective, const at::Tensor& real_logits) {
  if (!most_.adaptive) return;
  torch::NoGradGuard no_grad;
  const auto logits = real_logits.detach().to(at::kFloat);
  const auto probability = objective.probability(logits);
  const auto signs = probability.defined() ? (probability - 0.5).sign() : logits.sign();
  const double knows = signs.mean().item<double>() - kTarget;
  const double change = (knows > 0 ? 1.0 : -1.0) * static_cast<double>(logits.numel()) / kImagesToFull;
  strength_.fill_(std::clamp(strength_.item<double>() + change, 0.0, 1.0));
}

}  // namespace forger
