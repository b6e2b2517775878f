#include "networks/network.h"

#include "core/fail.h"
#include "core/torch.h"
#include "networks/layers.h"

namespace forger {

MadeWithLevels ImageGenerator::forward_with_levels(const at::Tensor&) {
  fail("translator.network: this one does not show what it goes by, accepted: resnet");
}

std::vector<at::Tensor> ImageGenerator::levels(const at::Tensor&) {
  fail("translator.network: this one does not show what it goes by, accepted: resnet");
}

at::Tensor Discriminator::image_logits(const at::Tensor& images, const at::Tensor& labels) {
  const auto logits = forward(images, labels);
  return logits.dim() > 1 ? logits.flatten(1).mean(1) : logits;
}

std::vector<at::Tensor> Discriminator::levels(const at::Tensor&) {
  fail(
      "discriminator.network: this one does not show its features; accepted for autoencoding.features and detection: "
      "mlp, dcgan");
}

at::Tensor Discriminator::rotations(const at::Tensor& images) {
  if (!rotation_head_) fail("discriminator.rotations: this discriminator was not asked about rotations");
  return (*rotation_head_)(features(images).flatten(1)).to(at::kFloat);
}

OnnxValue Discriminator::flat_features(OnnxGraph&, const OnnxValue&) {
  fail("discriminator.network: this one is not exported, accepted: mlp, dcgan");
}

OnnxValue Discriminator::rotations(OnnxGraph& graph, const OnnxValue& images) {
  return rotation_head_->to_onnx(graph, flat_features(graph, images));
}

}  // namespace forger
