#pragma once

#include <vector>

#include "forger/config.h"
#include "networks/conditioning.h"
#include "networks/convolution.h"
#include "networks/normalization.h"

namespace forger {

/// DCGAN's generator (Radford et al. 2016, arXiv 1511.06434): the latent projected to the smallest grid, then
/// `depth` doublings with normalisation and ReLU between them, and tanh. With width 64, latent 100, 64x64x3,
/// transposed convolutions and batch normalisation it is the one of pytorch/examples, layer for layer.
/// Weights N(0, 0.02), scales N(1, 0.02); biases only without normalisation.
class DcganGenerator : public Generator {
 public:
  DcganGenerator(const GeneratorOptions& options, const ImageShape& shape, int64_t classes,
                 const at::Generator& random);
  at::Tensor forward(const at::Tensor& latent, const at::Tensor& labels) override;

 private:
  std::shared_ptr<ClassLatent> class_latent_;
  std::shared_ptr<LatentGrid> start_;
  std::vector<std::shared_ptr<Normalization>> norms_;  // norms_[i] stands before doublings_[i]
  std::vector<std::shared_ptr<DoublingConvolution>> doublings_;
};

/// Its discriminator: `depth` 4x4 convolutions with stride 2, normalisation in all but the first,
/// LeakyReLU(0.2), dropout, and a last convolution as large as the grid. With width 64 and batch
/// normalisation it is the one of pytorch/examples, without the sigmoid.
class DcganDiscriminator : public Discriminator {
 public:
  DcganDiscriminator(const DiscriminatorOptions& options, const ImageShape& shape, int64_t classes,
                     const at::Generator& random);
  at::Tensor forward(const at::Tensor& images, const at::Tensor& labels) override;

 private:
  std::vector<std::shared_ptr<Convolution>> halvings_;
  std::vector<std::shared_ptr<Normalization>> norms_;  // none after the first convolution
  std::vector<std::shared_ptr<Dropout>> dropouts_;
  std::shared_ptr<Readout> logit_;
  std::shared_ptr<ClassProjection> class_projection_;
};

}  // namespace forger
