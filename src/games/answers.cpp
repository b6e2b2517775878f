#include "games/answers.h"

#include "core/torch.h"

namespace forger {

LogitReport describe_answers(const Objective& objective, const at::Tensor& logits) {
  torch::NoGradGuard no_grad;
  LogitReport report;
  const auto probability = objective.probability(logits);
  const auto mean = logits.mean();
  std::vector<at::Tensor> numbers = {mean, logits.numel() > 1 ? logits.std() : at::zeros_like(mean)};
  if (probability.defined()) numbers.push_back(probability.mean());
  // One wait for the device instead of three.
  const auto there = at::stack(numbers).to(at::kCPU, at::kDouble);
  report.mean = there[0].item<double>();
  report.spread = there[1].item<double>();
  if (probability.defined()) report.p_real = there[2].item<double>();
  return report;
}

double mean_sign(const Objective& objective, const at::Tensor& logits) {
  torch::NoGradGuard no_grad;
  const auto there = logits.detach().to(at::kFloat);
  const auto probability = objective.probability(there);
  return (probability.defined() ? (probability - 0.5).sign() : there.sign()).mean().item<double>();
}

}  // namespace forger
