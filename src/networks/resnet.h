#pragma once

#include <string>
#include <vector>

#include "forger/config.h"
#include "networks/conditioning.h"
#include "networks/convolution.h"
#include "networks/normalization.h"

namespace forger {

/// Normalisation, ReLU, doubling 3x3 convolution, normalisation, ReLU, 3x3 convolution, added to a 1x1
/// convolution of the doubled input. Normalisation is class-conditional with classes.
class ResidualUp : public torch::nn::Module {
 public:
  ResidualUp(int64_t inputs, int64_t outputs, int64_t classes, const GeneratorOptions& options,
             const at::Generator& random);
  at::Tensor forward(const at::Tensor& input, const at::Tensor& labels);
  OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& input, const OnnxValue& labels) const;

 private:
  bool bilinear_;
  std::shared_ptr<Normalization> norm1_, norm2_;
  std::shared_ptr<DoublingConvolution> up_;
  std::shared_ptr<Convolution> convolution_, shortcut_;
};

/// The residual generator of SNGAN (Miyato et al. 2018, arXiv 1802.05957): a linear layer to the smallest
/// grid, `depth` residual blocks that double, normalisation, ReLU, a 3x3 convolution and tanh. Width 256 with
/// max_width 256 is its CIFAR-10 network. Classes choose the scales and offsets of batch normalisation, or
/// join the latent without it.
class ResnetGenerator : public LatentGenerator {
 public:
  ResnetGenerator(const GeneratorOptions& options, const ImageShape& shape, int64_t classes,
                  const at::Generator& random);
  at::Tensor forward(const at::Tensor& latent, const at::Tensor& labels) override;
  OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& latent, const OnnxValue& labels) override;

 private:
  std::shared_ptr<ClassLatent> class_latent_;
  std::shared_ptr<LatentGrid> start_;
  std::vector<std::shared_ptr<ResidualUp>> blocks_;
  std::shared_ptr<Normalization> norm_;
  std::shared_ptr<ImageConvolution> image_;
};

/// ReLU, 3x3 convolution, ReLU, 3x3 convolution, 2x2 average pooling if it halves, added to a 1x1 convolution
/// of the input pooled alike (the input itself where nothing changes); normalisation before each ReLU. The
/// `first` block has neither normalisation nor ReLU before its first convolution.
class ResidualDown : public torch::nn::Module {
 public:
  ResidualDown(int64_t inputs, int64_t outputs, bool first, bool halves, const DiscriminatorOptions& options,
               const std::shared_ptr<const RandomSource>& dropout_random, const at::Generator& random);
  at::Tensor forward(const at::Tensor& input);

 private:
  bool first_, halves_;
  std::shared_ptr<Normalization> norm1_, norm2_;
  std::shared_ptr<Convolution> convolution1_, convolution2_, shortcut_;
  std::shared_ptr<Dropout> dropout_;
};

/// The residual discriminator of SNGAN: `depth` blocks that halve, two that do not, ReLU, sum over the pixels
/// and a linear layer. Width 128, max_width 128 and depth 2 with spectral normalisation is its CIFAR-10
/// network.
class ResnetDiscriminator : public Discriminator {
 public:
  ResnetDiscriminator(const DiscriminatorOptions& options, const ImageShape& shape, int64_t classes,
                      const at::Generator& random);
  at::Tensor forward(const at::Tensor& images, const at::Tensor& labels) override;

 private:
  std::vector<std::shared_ptr<ResidualDown>> blocks_;
  std::shared_ptr<Normalization> norm_;
  std::shared_ptr<Readout> logit_;
  std::shared_ptr<ClassProjection> class_projection_;
};

}  // namespace forger
