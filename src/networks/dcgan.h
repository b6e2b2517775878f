#pragma once

#include <vector>

#include "forger/config.h"
#include "networks/conditioning.h"
#include "networks/convolution.h"
#include "networks/normalization.h"
#include "networks/sizes.h"

namespace forger {

/// DCGAN's generator (Radford et al. 2016, arXiv 1511.06434): the latent projected to the smallest grid, then
/// `depth` doublings with normalisation and ReLU between them, and tanh. With width 64, latent 100, 64x64x3,
/// transposed convolutions and batch normalisation it is the one of pytorch/examples, layer for layer.
/// Weights N(0, 0.02), scales N(1, 0.02); biases only without normalisation. A convolutional latent enters through a
/// 3x3 convolution instead of a projection.
class DcganGenerator : public LatentGenerator {
 public:
  DcganGenerator(const GeneratorOptions& options, const ImageShape& shape, int64_t classes,
                 const at::Generator& random);
  at::Tensor forward(const at::Tensor& latent, const at::Tensor& labels) override;
  OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& latent, const OnnxValue& labels) override;

 private:
  std::shared_ptr<ClassLatent> class_latent_;
  StartGrid grid_;
  std::shared_ptr<LatentGrid> start_;  // null: the latent is convolutional
  std::shared_ptr<Convolution> convolutional_start_;
  std::vector<std::shared_ptr<Normalization>> norms_;  // norms_[i] stands before doublings_[i]
  std::vector<std::shared_ptr<DoublingConvolution>> doublings_;
};

/// What discriminator and encoder share: `depth` 4x4 convolutions with stride 2, normalisation in all but the first,
/// LeakyReLU(0.2), dropout. Its layers belong to the network that it stands in.
class DcganTrunk {
 public:
  /// Registers its layers on `owner`, who is "discriminator" or "encoder" in messages.
  DcganTrunk(torch::nn::Module& owner, const std::string& player, const DiscriminatorOptions& options,
             const ImageShape& shape, const std::shared_ptr<RandomSource>& dropout_random, const at::Generator& random);
  /// Images -> the output of every halving; the last is `[N, channels(), grid().height, grid().width]`.
  std::vector<at::Tensor> levels(const at::Tensor& images);
  at::Tensor operator()(const at::Tensor& images) { return levels(images).back(); }
  /// The last of them.
  OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& images) const;
  int64_t channels() const { return channels_; }
  const StartGrid& grid() const { return grid_; }

 private:
  StartGrid grid_;
  int64_t channels_;
  std::vector<std::shared_ptr<Convolution>> halvings_;
  std::vector<std::shared_ptr<Normalization>> norms_;  // none after the first convolution
  std::vector<std::shared_ptr<Dropout>> dropouts_;
};

/// Its discriminator: `depth` 4x4 convolutions with stride 2, normalisation in all but the first,
/// LeakyReLU(0.2), dropout, and a last convolution as large as the grid. With width 64 and batch
/// normalisation it is the one of pytorch/examples, without the sigmoid.
class DcganDiscriminator : public Discriminator {
 public:
  DcganDiscriminator(const DiscriminatorOptions& options, const ImageShape& shape, int64_t classes,
                     const at::Generator& random);
  at::Tensor forward(const at::Tensor& images, const at::Tensor& labels) override;
  std::vector<at::Tensor> levels(const at::Tensor& images) override { return trunk_.levels(images); }

 protected:
  OnnxValue flat_features(OnnxGraph& graph, const OnnxValue& images) override;

 private:
  DcganTrunk trunk_;
  std::shared_ptr<Readout> logit_;
  std::shared_ptr<ClassProjection> class_projection_;
};

/// An encoder of the same shape: the discriminator's convolutions, then one linear layer to the code's numbers, or a
/// 3x3 convolution where the code is convolutional.
class DcganEncoder : public Encoder {
 public:
  DcganEncoder(const EncoderOptions& options, const ImageShape& shape, const CodeShape& code,
               const at::Generator& random);
  at::Tensor forward(const at::Tensor& images) override;
  OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& images) override;

 private:
  DcganTrunk trunk_;
  std::shared_ptr<Linear> output_;  // null: the code is convolutional
  std::shared_ptr<Convolution> convolutional_output_;
};

}  // namespace forger
