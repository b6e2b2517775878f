#pragma once

#include <memory>
#include <vector>

#include "forger/config.h"
#include "networks/conditioning.h"
#include "networks/convolution.h"
#include "networks/normalization.h"
#include "networks/sizes.h"

namespace forger {

/// SRGAN's discriminator (Ledig et al. 2017, arXiv 1609.04802, figure 4), in the form of ESRGAN: at each of `depth`
/// levels a 3x3 convolution and a 4x4 one with stride 2, normalisation in all but the first, LeakyReLU(0.2), dropout;
/// then two linear layers.
class VggDiscriminator : public Discriminator {
 public:
  VggDiscriminator(const DiscriminatorOptions& options, const ImageShape& shape, int64_t classes,
                   const at::Generator& random);
  at::Tensor forward(const at::Tensor& images, const at::Tensor& labels) override;
  std::vector<at::Tensor> levels(const at::Tensor& images) override;

 private:
  struct Level {
    std::shared_ptr<Convolution> same, halving;
    std::shared_ptr<Normalization> same_norm, halving_norm;
    std::shared_ptr<Dropout> dropout;
  };
  StartGrid grid_;
  std::vector<Level> levels_;
  std::shared_ptr<Linear> hidden_, logit_;
  std::shared_ptr<ClassProjection> class_projection_;
};

}  // namespace forger
