#pragma once

#include "networks/layers.h"

namespace forger {

/// How a generator is told the class: a learned vector of each class joins the latent.
class ClassLatent : public torch::nn::Module {
 public:
  /// With 0 classes it hands the latent on. `deviation` is that of the first class vectors.
  ClassLatent(int64_t classes, int64_t latent_size, double deviation, const at::Generator& random);

  /// Numbers in what comes out.
  int64_t outputs() const { return outputs_; }
  /// Latent `[N, latent_size]`, labels `[N]` -> `[N, outputs()]`.
  at::Tensor forward(const at::Tensor& latent, const at::Tensor& labels);
  OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& latent, const OnnxValue& labels);

 private:
  int64_t outputs_;
  std::shared_ptr<Embedding> embedding_;
};

/// How a discriminator is told the class: the logit gains the inner product of the features with a learned
/// vector of the class (Miyato & Koyama 2018, arXiv 1802.05637).
class ClassProjection : public torch::nn::Module {
 public:
  /// With 0 classes the logits stay as they are.
  ClassProjection(int64_t classes, int64_t features, const Initializer& initializer, bool spectral_norm,
                  const at::Generator& random);

  /// Logits `[N]`, features `[N, C]` or `[N, C, H, W]` (summed over the pixels), labels `[N]` -> logits
  /// `[N]`.
  at::Tensor forward(const at::Tensor& logits, const at::Tensor& features, const at::Tensor& labels);

 private:
  std::shared_ptr<Embedding> embedding_;
};

}  // namespace forger
