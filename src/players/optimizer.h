#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "forger/config.h"

namespace forger {

/// Tensors by name: what a checkpoint holds.
using TensorMap = std::map<std::string, at::Tensor>;

/// Moves weights along their gradients. It knows no network: only the list of weights that it was made for.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// One step with `learning_rate`. Weight i takes gradients[i], of the same shape and strides.
  virtual void step(const std::vector<at::Tensor>& gradients, double learning_rate) = 0;

  /// The moving averages, as live tensors (not copies), by "kind.i" for weight i.
  virtual TensorMap state() const = 0;
};

/// Adam (Kingma & Ba 2015, arXiv 1412.6980; LibTorch's fused kernel), RMSprop (Tieleman & Hinton 2012) or SGD with
/// momentum, as `options.optimizer` says. Throws Error on another name.
std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, std::vector<at::Tensor> weights);

}  // namespace forger
