#include <algorithm>
#include <cmath>

#include "core/fail.h"
#include "core/interruption.h"
#include "core/random.h"
#include "core/torch.h"
#include "metrics/checked.h"
#include "metrics/normal.h"
#include "metrics/two_sample.h"

namespace forger {
namespace {

constexpr int64_t kHidden = 20, kBatch = 100;
constexpr double kLearningRate = 3e-3, kWeightDecay = 1e-2, kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;

/// One hidden layer of rectified units, its gradient written out, trained with AdamW. All weights lie in one vector, so
/// that a step of the optimiser is a handful of operations.
class Perceptron {
 public:
  Perceptron(int64_t inputs, at::Generator& random)
      : weights_(at::empty({kHidden * (inputs + 2) + 1}, at::kFloat)),
        gradient_(at::zeros_like(weights_)),
        mean_(at::zeros_like(weights_)),
        square_(at::zeros_like(weights_)),
        w_(views(weights_, inputs)),
        g_(views(gradient_, inputs)) {
    weights_.zero_();
    w_.input.normal_(0, std::sqrt(2.0 / static_cast<double>(inputs)), random);
    w_.output.normal_(0, std::sqrt(1.0 / kHidden), random);
  }

  at::Tensor logits(const at::Tensor& rows) const {
    return at::addmv(w_.output_offset, at::relu(at::addmm(w_.input_offset, rows, w_.input)), w_.output);
  }

  /// One step down the logistic loss; `weight` sums to one over a batch of both classes.
  void learn(const at::Tensor& rows, const at::Tensor& target, const at::Tensor& weight) {
    const auto hidden = at::addmm(w_.input_offset, rows, w_.input).relu_();
    const auto logit = at::addmv(w_.output_offset, hidden, w_.output);
    const auto error = at::sigmoid(logit).sub_(target).mul_(weight);
    at::mv_out(g_.output, hidden.t(), error);
    g_.output_offset.copy_(error.sum());
    const auto back = at::outer(error, w_.output).mul_(hidden > 0);
    at::mm_out(g_.input, rows.t(), back);
    at::sum_out(g_.input_offset, back, 0);
    ++steps_;
    const double rate = kLearningRate / (1 - std::pow(kBeta1, steps_));
    const double correction = std::sqrt(1 - std::pow(kBeta2, steps_));
    mean_.lerp_(gradient_, 1 - kBeta1);
    square_.mul_(kBeta2).addcmul_(gradient_, gradient_, 1 - kBeta2);
    weights_.mul_(1 - kLearningRate * kWeightDecay);
    weights_.addcdiv_(mean_, square_.sqrt().div_(correction).add_(kEpsilon), -rate);
  }

 private:
  struct Views {
    at::Tensor input;          // [inputs, hidden]
    at::Tensor input_offset;   // [hidden]
    at::Tensor output;         // [hidden]
    at::Tensor output_offset;  // [1]
  };
  static Views views(const at::Tensor& all, int64_t inputs) {
    const int64_t first = inputs * kHidden;
    return {all.narrow(0, 0, first).view({inputs, kHidden}), all.narrow(0, first, kHidden),
            all.narrow(0, first + kHidden, kHidden), all.narrow(0, first + 2 * kHidden, 1)};
  }

  at::Tensor weights_, gradient_, mean_, square_;
  Views w_, g_;
  int64_t steps_ = 0;
};

}  // namespace

ClassifierTest classifier_test(const at::Tensor& real_train, const at::Tensor& fake_train, const at::Tensor& real_test,
                               const at::Tensor& fake_test, uint64_t seed, int64_t epochs) {
  if (epochs < 1) fail("classifier test: received {} epochs, accepted: 1 or more", epochs);
  const auto real = checked_matrix(real_train, "real training features", 1, at::kFloat);
  const auto fake = checked_matrix(fake_train, "fake training features", 1, at::kFloat);
  const auto unseen_real = checked_matrix(real_test, "real test features", 1, at::kFloat);
  const auto unseen_fake = checked_matrix(fake_test, "fake test features", 1, at::kFloat);
  check_same_width(real, "real training features", fake, "fake training features");
  check_same_width(real, "real training features", unseen_real, "real test features");
  check_same_width(real, "real training features", unseen_fake, "fake test features");

  const auto rows = at::cat({real, fake});
  const auto mean = rows.mean(0), spread = rows.std(0, /*unbiased=*/false);
  const auto scale = at::where(spread > 0, spread, at::ones_like(spread)).reciprocal();
  const auto standardized = [&](const at::Tensor& features) { return (features - mean).mul_(scale); };
  const auto inputs = standardized(rows);
  const int64_t count = inputs.size(0);
  const auto share = [&](int64_t size) { return static_cast<double>(count) / (2.0 * static_cast<double>(size)); };
  const auto target = at::cat({at::ones({real.size(0)}, at::kFloat), at::zeros({fake.size(0)}, at::kFloat)});
  const auto weight = at::cat({at::full({real.size(0)}, share(real.size(0)), at::kFloat),
                               at::full({fake.size(0)}, share(fake.size(0)), at::kFloat)});

  auto random = make_random(seed);
  Perceptron perceptron(inputs.size(1), random);
  for (int64_t epoch = 0; epoch < epochs; ++epoch) {
    go_on_unless_interrupted();
    const auto order = at::randperm(count, random, at::kLong);
    const auto mixed = inputs.index_select(0, order), targets = target.index_select(0, order),
               weights = weight.index_select(0, order);
    for (int64_t start = 0; start < count; start += kBatch) {
      const int64_t size = std::min(kBatch, count - start);
      perceptron.learn(mixed.narrow(0, start, size), targets.narrow(0, start, size),
                       weights.narrow(0, start, size) / static_cast<double>(size));
    }
  }

  return balanced_accuracy(perceptron.logits(standardized(unseen_real)), perceptron.logits(standardized(unseen_fake)));
}

ClassifierTest balanced_accuracy(const at::Tensor& real_logits, const at::Tensor& fake_logits) {
  // An undecided answer (a logit of exactly 0) is half right.
  const auto positive_share = [](const at::Tensor& logits) {
    return (logits.sign().to(at::kDouble).mean().item<double>() + 1) / 2;
  };
  ClassifierTest result;
  result.accuracy = (positive_share(real_logits) + 1 - positive_share(fake_logits)) / 2;
  result.count = real_logits.size(0) + fake_logits.size(0);
  // Wilson's interval, with the count of a balanced test part of equal error.
  const double n = 4 / (1 / static_cast<double>(real_logits.size(0)) + 1 / static_cast<double>(fake_logits.size(0)));
  const double z2 = kNormal90 * kNormal90, p = result.accuracy;
  const double middle = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kNormal90 * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n);
  result.low = std::max(middle - half, 0.0);  // rounding aside, it is
  result.high = std::min(middle + half, 1.0);
  return result;
}

}  // namespace forger
