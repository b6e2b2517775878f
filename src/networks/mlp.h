#pragma once

#include <vector>

#include "forger/config.h"
#include "networks/conditioning.h"
#include "networks/normalization.h"

namespace forger {

/// A multi-layer perceptron, for points and toys: `depth` (0: 3) hidden layers of `width` units, each a
/// linear layer, batch normalisation if asked for, and ReLU. `upsampling` and `max_width` say nothing here.
/// Images end in tanh, points stay unbounded. Weights as PyTorch's linear layers draw them.
class MlpGenerator : public LatentGenerator {
 public:
  MlpGenerator(const GeneratorOptions& options, const ImageShape& shape, int64_t classes, const at::Generator& random);
  at::Tensor forward(const at::Tensor& latent, const at::Tensor& labels) override;
  OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& latent, const OnnxValue& labels) override;

 private:
  ImageShape shape_;
  std::shared_ptr<ClassLatent> class_latent_;
  std::vector<std::shared_ptr<Linear>> hidden_;
  std::vector<std::shared_ptr<Normalization>> norms_;
  std::shared_ptr<Linear> output_;
};

/// What discriminator and encoder share: `depth` (0: 3) hidden layers, each with LeakyReLU(0.2) and dropout. Its layers
/// belong to the network that it stands in; `normalization` is "batch" or "none".
class MlpTrunk {
 public:
  /// Registers its layers on `owner`, who is "discriminator" or "encoder" in messages.
  MlpTrunk(torch::nn::Module& owner, const std::string& player, const DiscriminatorOptions& options,
           const ImageShape& shape, const std::shared_ptr<RandomSource>& dropout_random, const at::Generator& random);
  /// Images -> `[N, width]`.
  at::Tensor operator()(const at::Tensor& images);
  OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& images) const;

 private:
  std::vector<std::shared_ptr<Linear>> hidden_;
  std::vector<std::shared_ptr<Normalization>> norms_;
  std::vector<std::shared_ptr<Dropout>> dropouts_;
};

/// The trunk and one logit.
class MlpDiscriminator : public Discriminator {
 public:
  MlpDiscriminator(const DiscriminatorOptions& options, const ImageShape& shape, int64_t classes,
                   const at::Generator& random);
  at::Tensor forward(const at::Tensor& images, const at::Tensor& labels) override;
  std::vector<at::Tensor> levels(const at::Tensor& images) override { return {trunk_(images)}; }

 protected:
  OnnxValue flat_features(OnnxGraph& graph, const OnnxValue& images) override { return trunk_.to_onnx(graph, images); }

 private:
  MlpTrunk trunk_;
  std::shared_ptr<Linear> logit_;
  std::shared_ptr<ClassProjection> class_projection_;
};

/// The trunk and `outputs` numbers.
class MlpEncoder : public Encoder {
 public:
  MlpEncoder(const EncoderOptions& options, const ImageShape& shape, const CodeShape& code,
             const at::Generator& random);
  at::Tensor forward(const at::Tensor& images) override;
  OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& images) override;

 private:
  MlpTrunk trunk_;
  std::shared_ptr<Linear> output_;
};

}  // namespace forger
