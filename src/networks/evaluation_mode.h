#pragma once

#include <torch/nn/module.h>

namespace forger {

/// While one lives, a network is in evaluation mode; then it is as it was.
class EvaluationMode {
 public:
  explicit EvaluationMode(torch::nn::Module& network) : network_(network), was_training_(network.is_training()) {
    network.eval();
  }
  ~EvaluationMode() { network_.train(was_training_); }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  torch::nn::Module& network_;
  bool was_training_;
};

}  // namespace forger
