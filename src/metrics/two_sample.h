#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace forger {

/// P(a > b) + P(a = b)/2 for scores `[N]` and `[M]` (area under the ROC curve), with its 90 % interval (DeLong).
struct RankTest {
  double area = 0.5;
  double low = 0;
  double high = 1;
  double z = 0;  ///< Mann–Whitney, normal approximation with ties; positive when `a` is larger
};
RankTest rank_test(const at::Tensor& a, const at::Tensor& b);

/// Largest distance between the two cumulative distributions (Kolmogorov–Smirnov), 0 to 1.
double kolmogorov_smirnov(const at::Tensor& a, const at::Tensor& b);

/// Above this, a Kolmogorov–Smirnov distance is significant at 5 %: 1.36 sqrt((N + M) / (N M)).
double kolmogorov_smirnov_limit(int64_t a, int64_t b);

/// A fresh classifier between real and fake features (C2ST, Lopez-Paz & Oquab 2017, arXiv 1610.06545): a multilayer
/// perceptron with 20 hidden units, trained for `epochs` on one part, tested on the other. Both classes count alike.
struct ClassifierTest {
  double accuracy = 0.5;  ///< on the test part, balanced
  double low = 0;         ///< 90 % interval (Wilson)
  double high = 1;
  int64_t count = 0;  ///< images in the test part
};
ClassifierTest classifier_test(const at::Tensor& real_train, const at::Tensor& fake_train, const at::Tensor& real_test,
                               const at::Tensor& fake_test, uint64_t seed, int64_t epochs = 100);

/// How many logits `[N]` of reals are above 0 and of fakes, `[M]`, below it; both classes count alike.
ClassifierTest balanced_accuracy(const at::Tensor& real_logits, const at::Tensor& fake_logits);

/// Probability scaling of scores (Platt 1999): sigma(slope * score + offset), fitted to real (1) and fake (0), both
/// counting alike. All zero where the scores do not vary.
struct Platt {
  double slope = 0;
  double offset = 0;
  double slope_error = 0;  ///< standard error of the slope
};
Platt fit_platt(const at::Tensor& real_scores, const at::Tensor& fake_scores);
at::Tensor platt_probability(const Platt& platt, const at::Tensor& scores);

}  // namespace forger
