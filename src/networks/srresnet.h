#pragma once

#include <memory>
#include <vector>

#include "networks/normalization.h"
#include "networks/upscaler.h"

namespace forger {

/// SRResNet (Ledig et al. 2017, arXiv 1609.04802): residual blocks at the size of what goes in, then convolutions whose
/// channels become pixels. Without normalisation its blocks are those of EDSR (Lim et al. 2017, arXiv 1707.02921).
class SrresnetUpscaler : public Upscaler {
 public:
  SrresnetUpscaler(const UpscalerOptions& options, int64_t channels_in, int64_t channels_out,
                   const at::Generator& random);

 protected:
  at::Tensor answer(const at::Tensor& images) override;
  OnnxValue answer(OnnxGraph& graph, const OnnxValue& images) override;
  RowRange seen_by(RowRange rows) const override;

 private:
  struct Block {
    std::shared_ptr<FlatConvolution> first, second;
    std::shared_ptr<Normalization> first_norm, second_norm;
    std::shared_ptr<Activation> activation;
  };
  struct Enlarging {
    int64_t scale;
    std::shared_ptr<FlatConvolution> convolution;
    std::shared_ptr<Activation> activation;
  };

  std::shared_ptr<FlatConvolution> first_, behind_blocks_, last_;
  std::shared_ptr<Activation> first_activation_;
  std::shared_ptr<Normalization> behind_blocks_norm_;
  std::vector<Block> blocks_;
  std::vector<Enlarging> enlargings_;
};

/// The steps in which an image is enlarged: by 2 as often as needed, or by 3 once. `scale` is 3 or a power of 2.
std::vector<int64_t> enlarging_steps(int64_t scale);

}  // namespace forger
