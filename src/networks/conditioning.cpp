#include "networks/conditioning.h"

#include "core/torch.h"
#include "onnx/operations.h"

namespace forger {

ClassLatent::ClassLatent(int64_t classes, int64_t latent_size, double deviation, const at::Generator& random)
    : outputs_(classes > 0 ? 2 * latent_size : latent_size) {
  if (classes == 0) return;
  embedding_ = add<Embedding>(
      *this, "embedding",
      LinearOptions{.inputs = classes, .outputs = latent_size, .initializer = {Initializer::Kind::normal, deviation}},
      random);
}

at::Tensor ClassLatent::forward(const at::Tensor& latent, const at::Tensor& labels) {
  return embedding_ ? at::cat({latent, (*embedding_)(labels)}, 1) : latent;
}

OnnxValue ClassLatent::to_onnx(OnnxGraph& graph, const OnnxValue& latent, const OnnxValue& labels) {
  return embedding_ ? onnx::cat(graph, {latent, embedding_->to_onnx(graph, labels)}, 1) : latent;
}

ClassProjection::ClassProjection(int64_t classes, int64_t features, const Initializer& initializer, bool spectral_norm,
                                 const at::Generator& random) {
  if (classes == 0) return;
  embedding_ = add<Embedding>(
      *this, "embedding",
      LinearOptions{.inputs = classes, .outputs = features, .initializer = initializer, .spectral_norm = spectral_norm},
      random);
}

at::Tensor ClassProjection::forward(const at::Tensor& logits, const at::Tensor& features, const at::Tensor& labels) {
  if (!embedding_) return logits;
  const auto numbers = features.to(at::kFloat);
  const auto summed = numbers.dim() == 4 ? numbers.sum({2, 3}) : numbers;
  return logits + ((*embedding_)(labels)*summed).sum(1);
}

}  // namespace forger
