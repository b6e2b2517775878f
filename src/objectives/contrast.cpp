#include "objectives/contrast.h"

#include "core/torch.h"

namespace forger {

at::Tensor place_contrast(const at::Tensor& queries, const at::Tensor& keys, double temperature) {
  const auto logits = at::bmm(queries, keys.transpose(1, 2)) / temperature;
  return (at::logsumexp(logits, at::IntArrayRef{2}) - logits.diagonal(0, 1, 2)).mean(1);
}

}  // namespace forger
