#pragma once

#include <memory>
#include <vector>

#include "networks/upscaler.h"

namespace forger {

/// Makes `scale` times `scale` pixels of each by looking, for each of them, at a place that the picture itself chooses
/// (DySample, Liu et al. 2023, arXiv 2308.15085).
class DySample : public torch::nn::Module {
 public:
  DySample(int64_t channels_in, int64_t channels_out, int64_t scale, const at::Generator& random);
  at::Tensor forward(const at::Tensor& input);
  OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& input) const;

 private:
  int64_t channels_, scale_, groups_;
  std::shared_ptr<FlatConvolution> offset_, scope_, end_;  ///< no `end_` at scale 1
  at::Tensor first_places_;
};

/// RealPLKSR (after Lee et al. 2024, "Partial Large Kernel CNNs for Efficient Super-Resolution", arXiv 2404.11848):
/// large kernels on a part of the channels. Group normalisation takes its mean of the whole image: in tiles the answer
/// is then only nearly the same.
class RealplksrUpscaler : public Upscaler {
 public:
  /// Throws Error unless as many channels come out as go in.
  RealplksrUpscaler(const UpscalerOptions& options, int64_t channels_in, int64_t channels_out,
                    const at::Generator& random);

 protected:
  at::Tensor answer(const at::Tensor& images) override;
  OnnxValue answer(OnnxGraph& graph, const OnnxValue& images) override;
  RowRange seen_by(RowRange rows) const override;

 private:
  /// A scale and an offset for each channel, applied to what was normalised.
  struct Scales {
    at::Tensor weight, bias;
  };
  struct Block {
    std::shared_ptr<FlatConvolution> widening, narrowing, large, attention, refining;
    Scales norm;
  };
  Block add_block(torch::nn::Module& owner, const at::Generator& random) const;
  at::Tensor run(const Block& block, const at::Tensor& input) const;
  OnnxValue run(OnnxGraph& graph, const Block& block, const OnnxValue& input) const;

  int64_t channels_;
  std::shared_ptr<FlatConvolution> first_, last_;
  std::vector<Block> blocks_;
  std::shared_ptr<DySample> dysample_;
};

}  // namespace forger
