#include "networks/network.h"

#include "core/fail.h"
#include "core/torch.h"
#include "networks/layers.h"

namespace forger {

std::vector<at::Tensor> Discriminator::levels(const at::Tensor&) {
  fail(
      "discriminator.network: this one does not show its features; accepted for autoencoding.features and detection: "
      "mlp, dcgan");
}

at::Tensor Discriminator::rotations(const at::Tensor& images) {
  if (!rotation_head_) fail("discriminator.rotations: this discriminator was not asked about rotations");
  return (*rotation_head_)(features(images).flatten(1)).to(at::kFloat);
}

}  // namespace forger
