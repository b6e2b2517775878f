#pragma once

#include <vector>

#include "forger/config.h"
#include "networks/conditioning.h"
#include "networks/convolution.h"
#include "networks/normalization.h"

namespace forger {

/// The DCGAN generator of eriklindernoren/PyTorch-GAN: a linear layer to the smallest grid, normalisation,
/// then `depth` (0: 2) times doubling, 3x3 convolution, normalisation (epsilon 0.8 on the variance, as
/// published) and LeakyReLU(0.2), and a last 3x3 convolution with tanh. Width 64 and upsampling "nearest"
/// give its 128-128-64. Convolutions N(0, 0.02), scales N(1, 0.02); the rest as PyTorch draws by default.
class PytorchGanGenerator : public LatentGenerator {
 public:
  PytorchGanGenerator(const GeneratorOptions& options, const ImageShape& shape, int64_t classes,
                      const at::Generator& random);
  at::Tensor forward(const at::Tensor& latent, const at::Tensor& labels) override;
  OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& latent, const OnnxValue& labels) override;

 private:
  std::shared_ptr<ClassLatent> class_latent_;
  std::shared_ptr<LatentGrid> start_;
  std::shared_ptr<Normalization> start_norm_;
  std::vector<std::shared_ptr<DoublingConvolution>> doublings_;
  std::vector<std::shared_ptr<Normalization>> norms_;
  std::shared_ptr<ImageConvolution> image_;
};

/// Its discriminator: `depth` (0: 4) times a 3x3 convolution with stride 2, LeakyReLU(0.2), dropout, and
/// normalisation (epsilon 0.8) in all but the first, then a linear layer; without the sigmoid. Width 16,
/// batch normalisation and dropout 0.25 give its 16-32-64-128. Any size: odd sides are halved upwards.
class PytorchGanDiscriminator : public Discriminator {
 public:
  PytorchGanDiscriminator(const DiscriminatorOptions& options, const ImageShape& shape, int64_t classes,
                          const at::Generator& random);
  at::Tensor forward(const at::Tensor& images, const at::Tensor& labels) override;

 private:
  std::vector<std::shared_ptr<Convolution>> halvings_;
  std::vector<std::shared_ptr<Dropout>> dropouts_;
  std::vector<std::shared_ptr<Normalization>> norms_;  // none after the first convolution
  std::shared_ptr<Readout> logit_;
  std::shared_ptr<ClassProjection> class_projection_;
};

}  // namespace forger
