#pragma once

#include <memory>
#include <vector>

#include "networks/upscaler.h"

namespace forger {

/// SRVGGNetCompact (Wang et al. 2021, Real-ESRGAN, arXiv 2107.10833): a row of 3x3 convolutions at the size of what
/// goes in; the last gives all pixels that one becomes. Its tensors have the names that people's weights have.
class CompactUpscaler : public Upscaler {
 public:
  CompactUpscaler(const UpscalerOptions& options, int64_t channels_in, int64_t channels_out,
                  const at::Generator& random);

 protected:
  at::Tensor answer(const at::Tensor& images) override;
  OnnxValue answer(OnnxGraph& graph, const OnnxValue& images) override;
  RowRange seen_by(RowRange rows) const override;

 private:
  std::vector<std::shared_ptr<FlatConvolution>> convolutions_;
  std::vector<std::shared_ptr<Activation>> activations_;  ///< one less
};

}  // namespace forger
