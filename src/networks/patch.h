#pragma once

#include <memory>
#include <vector>

#include "forger/config.h"
#include "networks/conditioning.h"
#include "networks/convolution.h"
#include "networks/normalization.h"

namespace forger {

/// The patch discriminator of pix2pix (Isola et al. 2017, arXiv 1611.07004): `depth` halvings by 4x4 convolutions and
/// two more without a stride, LeakyReLU(0.2), so that each logit judges a part of the image: of 70 pixels a side with
/// depth 3, which stands for depth 0 where images are not too small for it. Logits `[N, 1, h, w]`, h = floor(H /
/// 2^depth) - 2.
class PatchDiscriminator : public Discriminator {
 public:
  PatchDiscriminator(const DiscriminatorOptions& options, const ImageShape& shape, int64_t classes,
                     const at::Generator& random);
  at::Tensor forward(const at::Tensor& images, const at::Tensor& labels) override;
  std::vector<at::Tensor> levels(const at::Tensor& images) override;

 private:
  std::vector<std::shared_ptr<Convolution>> convolutions_;
  std::vector<std::shared_ptr<Normalization>> norms_;
  std::vector<std::shared_ptr<Dropout>> dropouts_;
  std::shared_ptr<Convolution> logit_;
  std::shared_ptr<ClassProjection> class_projection_;
};

}  // namespace forger
