#pragma once

#include <string>

#include "networks/convolution.h"

namespace forger {

/// A convolution whose output has its input's size. Where nothing is learnt (evaluation mode, no gradients, on the
/// processor) its weights are kept as oneDNN packs them, in the input's dtype, float32 or bfloat16, and what follows it
/// is computed with it. Then it wants channels-last input, and autocast says nothing to it.
class FlatConvolution : public Convolution {
 public:
  using Convolution::Convolution;

  /// LeakyReLU of the convolution.
  at::Tensor leaky(const at::Tensor& input, double slope);
  OnnxValue leaky(OnnxGraph& graph, const OnnxValue& input, double slope);
  /// `to` + `share` * the convolution.
  at::Tensor added(const at::Tensor& input, const at::Tensor& to, double share);
  OnnxValue added(OnnxGraph& graph, const OnnxValue& input, const OnnxValue& to, double share);

 protected:
  at::Tensor forward(const at::Tensor& input) override;

 private:
  /// Weights times `share`, as they were when packed.
  struct Packed {
    at::Tensor weight, bias;
    const void* from = nullptr;
    int64_t version = 0;
    at::ScalarType dtype = at::kFloat;
    double share = 1;
  };
  const Packed& packed(const at::Tensor& input, double share);

  Packed packed_;
};

/// Whether this thread may now compute `network` as a FlatConvolution does where nothing is learnt.
bool runs_packed(const torch::nn::Module& network, const at::Tensor& input);

/// Adds a convolution to `owner`, with PyTorch's first weights times `scale`.
std::shared_ptr<FlatConvolution> add_flat_convolution(torch::nn::Module& owner, const std::string& name, int64_t inputs,
                                                      int64_t outputs, int64_t kernel, const at::Generator& random,
                                                      double scale = 1);

}  // namespace forger
