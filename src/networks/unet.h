#pragma once

#include <memory>
#include <vector>

#include "forger/config.h"
#include "networks/conditioning.h"
#include "networks/convolution.h"
#include "networks/normalization.h"

namespace forger {

/// A U-Net that judges each pixel, as Real-ESRGAN trains with (Wang et al. 2021, arXiv 2107.10833): three halvings by
/// 4x4 convolutions, as many bilinear doublings that add what their level gave on the way down, LeakyReLU(0.2).
/// Normalisation and dropout, where asked for, on the way down. Logits `[N, 1, H, W]`; sides are multiples of 8.
class UnetDiscriminator : public Discriminator {
 public:
  UnetDiscriminator(const DiscriminatorOptions& options, const ImageShape& shape, int64_t classes,
                    const at::Generator& random);
  at::Tensor forward(const at::Tensor& images, const at::Tensor& labels) override;
  /// Those on the way down.
  std::vector<at::Tensor> levels(const at::Tensor& images) override;

 private:
  std::shared_ptr<Convolution> first_, logit_;
  std::vector<std::shared_ptr<Convolution>> down_, up_, last_;
  std::vector<std::shared_ptr<Normalization>> norms_;
  std::vector<std::shared_ptr<Dropout>> dropouts_;
  std::shared_ptr<ClassProjection> class_projection_;
};

}  // namespace forger
