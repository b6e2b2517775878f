#pragma once

#include <memory>
#include <vector>

#include "networks/transformer_layers.h"
#include "networks/window_attention.h"

namespace forger {

/// SwinIR (Liang et al. 2021, arXiv 2108.10257): blocks of attention within windows, every second time moved by half a
/// window. Its tensors have the names that people's weights have; what they have as matrices are 1x1 convolutions.
class SwinirUpscaler : public Upscaler {
 public:
  /// Throws Error unless as many channels come out as go in.
  SwinirUpscaler(const UpscalerOptions& options, int64_t channels_in, int64_t channels_out,
                 const at::Generator& random);

 protected:
  at::Tensor answer(const at::Tensor& images) override;
  OnnxValue answer(OnnxGraph& graph, const OnnxValue& images) override;
  RowRange seen_by(RowRange rows) const override;
  int64_t grid() const override { return options_.window; }

 private:
  struct Step {
    std::shared_ptr<ChannelNorm> attention_norm, mixing_norm;
    at::Tensor biases;  ///< `[(2 * window - 1)^2, heads]`
    std::shared_ptr<FlatConvolution> qkv, projection, widening, narrowing;
    int64_t shift = 0;
  };
  struct Block {
    std::vector<Step> steps;
    std::unique_ptr<BlockEnd> end;
  };
  Step add_step(torch::nn::Module& owner, int64_t shift, const at::Generator& random) const;
  at::Tensor run(const Step& step, const at::Tensor& input, const at::Tensor& differences) const;
  OnnxValue run(OnnxGraph& graph, const Step& step, const OnnxValue& input) const;
  WindowGrid windows_of(const Step& step) const;

  std::shared_ptr<FlatConvolution> first_;
  std::shared_ptr<ChannelNorm> norm_first_, norm_last_;
  std::vector<Block> blocks_;
  std::unique_ptr<BlockEnd> end_;
  std::unique_ptr<Reconstruction> reconstruction_;
  int64_t channels_in_;
  at::Tensor mean_, differences_;
  double range_;
};

}  // namespace forger
