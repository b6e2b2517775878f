#include "networks/mlp.h"

#include "core/fail.h"
#include "core/torch.h"
#include "networks/trunk_options.h"
#include "onnx/operations.h"

namespace forger {
namespace {

constexpr int64_t kHiddenLayers = 3;
const Initializer kMlpInitializer{Initializer::Kind::fan_in_uniform, 1, /*uniform_bias=*/true};

}  // namespace

MlpGenerator::MlpGenerator(const GeneratorOptions& options, const ImageShape& shape, int64_t classes,
                           const at::Generator& random)
    : shape_(shape) {
  class_latent_ = add<ClassLatent>(*this, "class_latent", classes, options.latent_size, 1.0, random);
  int64_t inputs = class_latent_->outputs();
  const int64_t layers = options.depth > 0 ? options.depth : kHiddenLayers;
  for (int64_t i = 1; i <= layers; ++i) {
    const LinearOptions linear{.inputs = inputs, .outputs = options.width, .initializer = kMlpInitializer};
    hidden_.push_back(add<Linear>(*this, fmt::format("hidden{}", i), linear, random));
    const NormalizationOptions norm{.kind = options.normalization, .channels = options.width};
    norms_.push_back(add<Normalization>(*this, fmt::format("norm{}", i), norm, random));
    inputs = options.width;
  }
  const LinearOptions output{.inputs = inputs, .outputs = shape.numbers(), .initializer = kMlpInitializer};
  output_ = add<Linear>(*this, "output", output, random);
}

at::Tensor MlpGenerator::forward(const at::Tensor& latent, const at::Tensor& labels) {
  auto numbers = class_latent_->forward(latent, labels);
  for (size_t i = 0; i < hidden_.size(); ++i) numbers = relu_in_place((*norms_[i])((*hidden_[i])(numbers)));
  const auto images = (*output_)(numbers).to(at::kFloat).view({-1, shape_.channels, shape_.height, shape_.width});
  return shape_.is_point() ? images : at::tanh(images).contiguous(at::MemoryFormat::ChannelsLast);
}

OnnxValue MlpGenerator::to_onnx(OnnxGraph& graph, const OnnxValue& latent, const OnnxValue& labels) {
  auto numbers = class_latent_->to_onnx(graph, latent, labels);
  for (size_t i = 0; i < hidden_.size(); ++i) {
    numbers = onnx::relu(graph, norms_[i]->to_onnx(graph, hidden_[i]->to_onnx(graph, numbers)));
  }
  const auto images =
      onnx::reshape(graph, output_->to_onnx(graph, numbers), {-1, shape_.channels, shape_.height, shape_.width});
  return shape_.is_point() ? images : onnx::tanh(graph, images);
}

MlpTrunk::MlpTrunk(torch::nn::Module& owner, const std::string& player, const DiscriminatorOptions& options,
                   const ImageShape& shape, const std::shared_ptr<RandomSource>& dropout_random,
                   const at::Generator& random) {
  if (options.normalization == "instance") {
    fail("{}.normalization: received \"instance\", accepted by the network \"mlp\": batch, none", player);
  }
  int64_t inputs = shape.numbers();
  const int64_t layers = options.depth > 0 ? options.depth : kHiddenLayers;
  for (int64_t i = 1; i <= layers; ++i) {
    const LinearOptions linear{.inputs = inputs,
                               .outputs = options.width,
                               .initializer = kMlpInitializer,
                               .spectral_norm = options.spectral_norm};
    hidden_.push_back(add<Linear>(owner, fmt::format("hidden{}", i), linear, random));
    const NormalizationOptions norm{.kind = options.normalization, .channels = options.width};
    norms_.push_back(add<Normalization>(owner, fmt::format("norm{}", i), norm, random));
    dropouts_.push_back(add<Dropout>(owner, fmt::format("dropout{}", i), options.dropout, dropout_random));
    inputs = options.width;
  }
}

at::Tensor MlpTrunk::operator()(const at::Tensor& images) {
  auto numbers = images.flatten(1);
  for (size_t i = 0; i < hidden_.size(); ++i) {
    numbers = (*dropouts_[i])(leaky_relu_in_place((*norms_[i])((*hidden_[i])(numbers))));
  }
  return numbers;
}

OnnxValue MlpTrunk::to_onnx(OnnxGraph& graph, const OnnxValue& images) const {
  auto numbers = graph.node("Flatten", {images}, {{"axis", int64_t{1}}});
  for (size_t i = 0; i < hidden_.size(); ++i) {
    const auto normal = norms_[i]->to_onnx(graph, hidden_[i]->to_onnx(graph, numbers));
    numbers = dropouts_[i]->to_onnx(graph, onnx::leaky_relu(graph, normal, kLeakySlope));
  }
  return numbers;
}

MlpDiscriminator::MlpDiscriminator(const DiscriminatorOptions& options, const ImageShape& shape, int64_t classes,
                                   const at::Generator& random)
    : trunk_(*this, "discriminator", options, shape, random_, random) {
  const LinearOptions logit{
      .inputs = options.width, .outputs = 1, .initializer = kMlpInitializer, .spectral_norm = options.spectral_norm};
  logit_ = add<Linear>(*this, "logit", logit, random);
  class_projection_ = add<ClassProjection>(*this, "class_projection", classes, options.width, kMlpInitializer,
                                           options.spectral_norm, random);
  if (options.rotations > 0) {
    const LinearOptions rotations{
        .inputs = options.width, .outputs = 4, .initializer = kMlpInitializer, .spectral_norm = options.spectral_norm};
    rotation_head_ = add<Linear>(*this, "rotations", rotations, random);
  }
}

at::Tensor MlpDiscriminator::forward(const at::Tensor& images, const at::Tensor& labels) {
  const auto numbers = trunk_(images);
  const auto logits = (*logit_)(numbers).to(at::kFloat).squeeze(1);
  return class_projection_->forward(logits, numbers, labels);
}

MlpEncoder::MlpEncoder(const EncoderOptions& options, const ImageShape& shape, const CodeShape& code,
                       const at::Generator& random)
    : trunk_(*this, "encoder", trunk_options(options), shape, random_, random) {
  if (code.is_convolutional()) {
    fail("encoder.network: received \"mlp\" with generator.convolutional_latent, accepted: dcgan");
  }
  output_ = add<Linear>(*this, "output",
                        LinearOptions{.inputs = options.width, .outputs = code.numbers, .initializer = kMlpInitializer},
                        random);
}

at::Tensor MlpEncoder::forward(const at::Tensor& images) { return (*output_)(trunk_(images)).to(at::kFloat); }

OnnxValue MlpEncoder::to_onnx(OnnxGraph& graph, const OnnxValue& images) {
  return output_->to_onnx(graph, trunk_.to_onnx(graph, images));
}

}  // namespace forger
