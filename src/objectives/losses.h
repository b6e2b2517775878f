#pragma once

#include <string>
#include <utility>

#include "forger/objective.h"

namespace forger {

/// Binary cross-entropy of the discriminator, D = sigmoid(logit): E -log D(x) + E -log(1 - D(G(z))). The
/// target for reals is `1 - label_smoothing`, for fakes it stays 0 (one-sided, Salimans et al. 2016, arXiv
/// 1606.03498). What the generator does about it is the subclass's.
class CrossEntropyObjective : public Objective {
 public:
  explicit CrossEntropyObjective(double label_smoothing) : label_smoothing_(label_smoothing) {}

  at::Tensor discriminator_loss(const at::Tensor& real_logits, const at::Tensor& fake_logits) const override;
  /// sigmoid(logit).
  at::Tensor probability(const at::Tensor& logits) const override;

 private:
  double label_smoothing_;
};

/// The saturating original, a zero-sum game: the generator minimises E log(1 - D(G(z))) (Goodfellow et al.
/// 2014, arXiv 1406.2661, equation 1). Its gradient fades where the discriminator is sure.
class MinimaxObjective final : public CrossEntropyObjective {
 public:
  using CrossEntropyObjective::CrossEntropyObjective;
  std::string name() const override { return "minimax"; }
  at::Tensor generator_loss(const at::Tensor& fake_logits, const at::Tensor& real_logits) const override;
};

/// The generator minimises E -log D(G(z)) instead (the same paper, section 3): the same fixed point, and a
/// gradient that is largest where the discriminator is sure. The generator's target is 1, smoothed or not.
class NonSaturatingObjective final : public CrossEntropyObjective {
 public:
  using CrossEntropyObjective::CrossEntropyObjective;
  std::string name() const override { return "non-saturating"; }
  at::Tensor generator_loss(const at::Tensor& fake_logits, const at::Tensor& real_logits) const override;
};

/// The generator minimises E log (1 - D(G(z))) / D(G(z)), which is minus the logit: the sum of the two losses above, an
/// estimate of how much likelier a sample is under the generator than under the data (Rosca et al. 2017, arXiv
/// 1706.04987, section 3). Its gradient has the same size wherever the discriminator stands.
class DensityRatioObjective final : public CrossEntropyObjective {
 public:
  using CrossEntropyObjective::CrossEntropyObjective;
  std::string name() const override { return "density-ratio"; }
  at::Tensor generator_loss(const at::Tensor& fake_logits, const at::Tensor& real_logits) const override;
};

/// Least squares on the logits themselves: 1/2 E (D(x) - b)^2 + 1/2 E (D(G(z)) - a)^2 against 1/2 E (D(G(z))
/// - c)^2 with a = 0, b = 1 - label_smoothing, c = 1 (Mao et al. 2017, arXiv 1611.04076, equation 9).
class LeastSquaresObjective final : public Objective {
 public:
  explicit LeastSquaresObjective(double label_smoothing) : label_smoothing_(label_smoothing) {}

  std::string name() const override { return "least-squares"; }
  at::Tensor discriminator_loss(const at::Tensor& real_logits, const at::Tensor& fake_logits) const override;
  at::Tensor generator_loss(const at::Tensor& fake_logits, const at::Tensor& real_logits) const override;
  /// The logit clamped to [0, 1]: the best least-squares answer is p(real) itself when a = 0 and b = 1.
  at::Tensor probability(const at::Tensor& logits) const override;

 private:
  double label_smoothing_;
};

/// The Wasserstein-1 distance's dual: the critic minimises E D(G(z)) - E D(x), the generator -E D(G(z))
/// (Arjovsky et al. 2017, arXiv 1701.07875). What keeps the critic Lipschitz is not in the loss: clipping
/// ("wasserstein"), or a penalty ("wasserstein-gp", Gulrajani et al. 2017, arXiv 1704.00028).
class WassersteinObjective final : public Objective {
 public:
  explicit WassersteinObjective(std::string name) : name_(std::move(name)) {}

  std::string name() const override { return name_; }
  at::Tensor discriminator_loss(const at::Tensor& real_logits, const at::Tensor& fake_logits) const override;
  at::Tensor generator_loss(const at::Tensor& fake_logits, const at::Tensor& real_logits) const override;
  /// Undefined: a critic's scale and zero mean nothing.
  at::Tensor probability(const at::Tensor& logits) const override;

 private:
  std::string name_;
};

/// Hinge: E max(0, 1 - D(x)) + E max(0, 1 + D(G(z))) against -E D(G(z)) (Lim and Ye 2017, arXiv 1705.02894;
/// Miyato et al. 2018, arXiv 1802.05957, equations 16 and 17).
class HingeObjective final : public Objective {
 public:
  std::string name() const override { return "hinge"; }
  at::Tensor discriminator_loss(const at::Tensor& real_logits, const at::Tensor& fake_logits) const override;
  at::Tensor generator_loss(const at::Tensor& fake_logits, const at::Tensor& real_logits) const override;
  /// Undefined: the best hinge answer is the sign of p - 1/2, not p.
  at::Tensor probability(const at::Tensor& logits) const override;
};

/// Relativistic pairing: each real is compared with one fake, E softplus(-(D(x) - D(G(z)))), and the
/// generator wants the opposite order (Jolicoeur-Martineau 2018, arXiv 1807.00734; with R1 and R2 as in
/// R3GAN, Huang et al. 2024, arXiv 2501.05441). Needs as many reals as fakes in both turns.
class RelativisticObjective final : public Objective {
 public:
  std::string name() const override { return "relativistic"; }
  at::Tensor discriminator_loss(const at::Tensor& real_logits, const at::Tensor& fake_logits) const override;
  at::Tensor generator_loss(const at::Tensor& fake_logits, const at::Tensor& real_logits) const override;
  bool generator_needs_reals() const override { return true; }
  /// Undefined: only differences of logits mean something.
  at::Tensor probability(const at::Tensor& logits) const override;
};

/// Relativistic average: each image is compared with the mean of the other side. With C(a, b) = D(a) - mean D(b), the
/// discriminator minimises the mean of E softplus(-C(x, G)) and E softplus(C(G(z), x)), the generator the same with
/// sides exchanged (Jolicoeur-Martineau 2018, arXiv 1807.00734, equation 10; as in ESRGAN, Wang et al. 2018, arXiv
/// 1809.00219). Needs reals in both turns.
class RelativisticAverageObjective final : public Objective {
 public:
  std::string name() const override { return "relativistic-average"; }
  at::Tensor discriminator_loss(const at::Tensor& real_logits, const at::Tensor& fake_logits) const override;
  at::Tensor generator_loss(const at::Tensor& fake_logits, const at::Tensor& real_logits) const override;
  bool generator_needs_reals() const override { return true; }
  /// Undefined: only differences of logits mean something.
  at::Tensor probability(const at::Tensor& logits) const override;
};

}  // namespace forger
