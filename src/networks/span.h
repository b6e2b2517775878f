#pragma once

#include <memory>
#include <vector>

#include "networks/upscaler.h"

namespace forger {

/// SPAN (Wan et al. 2024, arXiv 2311.12770): blocks of three 3x3 convolutions, whose result says itself how much of it
/// counts. Its authors train each convolution as several that are one in use; here it is the one.
class SpanUpscaler : public Upscaler {
 public:
  /// Throws Error where `options.centred` meets other images than RGB.
  SpanUpscaler(const UpscalerOptions& options, int64_t channels_in, int64_t channels_out, const at::Generator& random);

 protected:
  at::Tensor answer(const at::Tensor& images) override;
  OnnxValue answer(OnnxGraph& graph, const OnnxValue& images) override;
  RowRange seen_by(RowRange rows) const override;

 private:
  struct Block {
    std::shared_ptr<FlatConvolution> first, second, third;
  };

  std::shared_ptr<FlatConvolution> first_, behind_blocks_, joint_, last_;
  std::vector<Block> blocks_;
  at::Tensor mean_;  ///< `[1, 3, 1, 1]`; undefined unless centred
};

}  // namespace forger
