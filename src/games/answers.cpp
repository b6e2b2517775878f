#include "games/answers.h"

#include "core/torch.h"

namespace forger {

LogitReport describe_answers(const Objective& objective, const at::Tensor& logits) {
  torch::NoGradGuard no_grad;
  LogitReport report;
  report.mean = logits.mean().item<double>();
  report.spread = logits.numel() > 1 ? logits.std().item<double>() : 0;
  const auto probability = objective.probability(logits);
  if (probability.defined()) report.p_real = probability.mean().item<double>();
  return report;
}

}  // namespace forger
