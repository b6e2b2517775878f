#include "players/optimizer.h"

#include "core/fail.h"
#include "core/torch.h"

namespace forger {
namespace {

std::vector<at::Tensor> zeros_like(const std::vector<at::Tensor>& weights) {
  std::vector<at::Tensor> zeros;
  for (const auto& weight : weights) zeros.push_back(at::zeros_like(weight));
  return zeros;
}

void add_state(TensorMap& state, const std::string& kind, const std::vector<at::Tensor>& tensors) {
  for (size_t i = 0; i < tensors.size(); ++i) state[fmt::format("{}.{}", kind, i)] = tensors[i];
}

class Adam : public Optimizer {
 public:
  Adam(const OptimizerOptions& options, std::vector<at::Tensor> weights)
      : options_(options), weights_(std::move(weights)), means_(zeros_like(weights_)), squares_(zeros_like(weights_)) {
    for (const auto& weight : weights_) {
      steps_.push_back(at::zeros({}, weight.options().dtype(at::kFloat)));
    }
  }

  void step(const std::vector<at::Tensor>& gradients, double learning_rate) override {
    at::_foreach_add_(steps_, 1);
    at::_fused_adam_(weights_, gradients, means_, squares_, {}, steps_, learning_rate, options_.beta1, options_.beta2,
                     /*weight_decay=*/0, options_.epsilon, /*amsgrad=*/false, /*maximize=*/false);
  }

  TensorMap state() const override {
    TensorMap state;
    add_state(state, "mean", means_);
    add_state(state, "square", squares_);
    add_state(state, "steps", steps_);
    return state;
  }

 private:
  OptimizerOptions options_;
  std::vector<at::Tensor> weights_, means_, squares_, steps_;
};

/// What the simpler ones have in common: one moving average for each weight, called `kind` in checkpoints.
class AveragingOptimizer : public Optimizer {
 public:
  AveragingOptimizer(const OptimizerOptions& options, std::vector<at::Tensor> weights, std::string kind)
      : options_(options), weights_(std::move(weights)), averages_(zeros_like(weights_)), kind_(std::move(kind)) {}

  TensorMap state() const override {
    TensorMap state;
    add_state(state, kind_, averages_);
    return state;
  }

 protected:
  OptimizerOptions options_;
  std::vector<at::Tensor> weights_, averages_;

 private:
  std::string kind_;
};

class RmsProp : public AveragingOptimizer {
 public:
  RmsProp(const OptimizerOptions& options, std::vector<at::Tensor> weights)
      : AveragingOptimizer(options, std::move(weights), "square") {}

  void step(const std::vector<at::Tensor>& gradients, double learning_rate) override {
    at::_foreach_mul_(averages_, options_.beta2);
    at::_foreach_addcmul_(averages_, gradients, gradients, 1 - options_.beta2);
    auto denominators = at::_foreach_sqrt(averages_);
    at::_foreach_add_(denominators, options_.epsilon);
    at::_foreach_addcdiv_(weights_, gradients, denominators, -learning_rate);
  }
};

class Sgd : public AveragingOptimizer {
 public:
  Sgd(const OptimizerOptions& options, std::vector<at::Tensor> weights)
      : AveragingOptimizer(options, std::move(weights), "velocity") {}

  void step(const std::vector<at::Tensor>& gradients, double learning_rate) override {
    at::_foreach_mul_(averages_, options_.beta1);
    at::_foreach_add_(averages_, gradients);
    at::_foreach_add_(weights_, averages_, -learning_rate);
  }
};

}  // namespace

std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, std::vector<at::Tensor> weights) {
  if (options.optimizer == "adam") return std::make_unique<Adam>(options, std::move(weights));
  if (options.optimizer == "rmsprop") return std::make_unique<RmsProp>(options, std::move(weights));
  if (options.optimizer == "sgd") return std::make_unique<Sgd>(options, std::move(weights));
  fail("optimizer: received \"{}\", accepted: adam, rmsprop, sgd", options.optimizer);
}

}  // namespace forger
