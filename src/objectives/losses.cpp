#include "objectives/losses.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softplus.h>

#include "core/fail.h"

namespace forger {
namespace {

// softplus(-l) = -log sigmoid(l) and softplus(l) = -log(1 - sigmoid(l)), finite for every finite logit.
at::Tensor minus_log_real(const at::Tensor& logits) { return at::softplus(-logits); }
at::Tensor minus_log_fake(const at::Tensor& logits) { return at::softplus(logits); }

at::Tensor half_mean_square(const at::Tensor& difference) { return 0.5 * difference.square().mean(); }

/// E softplus(-(preferred - other)). A silent broadcast would compare every image with the same one.
at::Tensor pairing_loss(const at::Tensor& preferred, const at::Tensor& other) {
  if (preferred.sizes() != other.sizes()) {
    fail("relativistic objective: received {} and {} logits, accepted: as many reals as fakes", preferred.numel(),
         other.numel());
  }
  return at::softplus(other - preferred).mean();
}

}  // namespace

at::Tensor CrossEntropyObjective::discriminator_loss(const at::Tensor& real_logits,
                                                     const at::Tensor& fake_logits) const {
  auto real_loss = minus_log_real(real_logits).mean();
  if (label_smoothing_ != 0) {
    real_loss = (1 - label_smoothing_) * real_loss + label_smoothing_ * minus_log_fake(real_logits).mean();
  }
  return real_loss + minus_log_fake(fake_logits).mean();
}

at::Tensor CrossEntropyObjective::probability(const at::Tensor& logits) const { return at::sigmoid(logits); }

at::Tensor MinimaxObjective::generator_loss(const at::Tensor& fake_logits, const at::Tensor&) const {
  return -minus_log_fake(fake_logits).mean();
}

at::Tensor NonSaturatingObjective::generator_loss(const at::Tensor& fake_logits, const at::Tensor&) const {
  return minus_log_real(fake_logits).mean();
}

at::Tensor DensityRatioObjective::generator_loss(const at::Tensor& fake_logits, const at::Tensor&) const {
  return -fake_logits.mean();
}

at::Tensor LeastSquaresObjective::discriminator_loss(const at::Tensor& real_logits,
                                                     const at::Tensor& fake_logits) const {
  return half_mean_square(real_logits - (1 - label_smoothing_)) + half_mean_square(fake_logits);
}

at::Tensor LeastSquaresObjective::generator_loss(const at::Tensor& fake_logits, const at::Tensor&) const {
  return half_mean_square(fake_logits - 1);
}

at::Tensor LeastSquaresObjective::probability(const at::Tensor& logits) const { return logits.clamp(0, 1); }

at::Tensor WassersteinObjective::discriminator_loss(const at::Tensor& real_logits,
                                                    const at::Tensor& fake_logits) const {
  return fake_logits.mean() - real_logits.mean();
}

at::Tensor WassersteinObjective::generator_loss(const at::Tensor& fake_logits, const at::Tensor&) const {
  return -fake_logits.mean();
}

at::Tensor WassersteinObjective::probability(const at::Tensor&) const { return {}; }

at::Tensor HingeObjective::discriminator_loss(const at::Tensor& real_logits, const at::Tensor& fake_logits) const {
  return at::relu(1 - real_logits).mean() + at::relu(1 + fake_logits).mean();
}

at::Tensor HingeObjective::generator_loss(const at::Tensor& fake_logits, const at::Tensor&) const {
  return -fake_logits.mean();
}

at::Tensor HingeObjective::probability(const at::Tensor&) const { return {}; }

at::Tensor RelativisticObjective::discriminator_loss(const at::Tensor& real_logits,
                                                     const at::Tensor& fake_logits) const {
  return pairing_loss(real_logits, fake_logits);
}

at::Tensor RelativisticObjective::generator_loss(const at::Tensor& fake_logits, const at::Tensor& real_logits) const {
  return pairing_loss(fake_logits, real_logits);
}

at::Tensor RelativisticObjective::probability(const at::Tensor&) const { return {}; }

at::Tensor RelativisticAverageObjective::discriminator_loss(const at::Tensor& real_logits,
                                                            const at::Tensor& fake_logits) const {
  return (at::softplus(fake_logits.mean() - real_logits).mean() +
          at::softplus(fake_logits - real_logits.mean()).mean()) /
         2;
}

at::Tensor RelativisticAverageObjective::generator_loss(const at::Tensor& fake_logits,
                                                        const at::Tensor& real_logits) const {
  return discriminator_loss(fake_logits, real_logits);
}

at::Tensor RelativisticAverageObjective::probability(const at::Tensor&) const { return {}; }

}  // namespace forger
