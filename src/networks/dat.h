#pragma once

#include <memory>
#include <vector>

#include "networks/normalization.h"
#include "networks/transformer_layers.h"
#include "networks/window_attention.h"

namespace forger {

/// What each step of DAT does beside its attention: a depthwise convolution of the values, and how much of it and of
/// the attention counts, for each channel by one and for each place by the other.
class AdaptiveInteraction {
 public:
  /// The layers become `owner`'s.
  AdaptiveInteraction(torch::nn::Module& owner, int64_t features, const at::Generator& random);
  at::Tensor convolved(const at::Tensor& values) const;
  OnnxValue convolved(OnnxGraph& graph, const OnnxValue& values) const;
  /// `by_channel`, weighed channel by channel by what is read off `by_place`, and the other way round, together.
  at::Tensor joined(const at::Tensor& by_channel, const at::Tensor& by_place) const;
  OnnxValue joined(OnnxGraph& graph, const OnnxValue& by_channel, const OnnxValue& by_place) const;

 private:
  struct Weigher {
    std::shared_ptr<FlatConvolution> narrowing, widening;
    std::shared_ptr<Normalization> norm;
    at::Tensor weights_of(const at::Tensor& grid) const;
    OnnxValue weights_of(OnnxGraph& graph, const OnnxValue& grid) const;
  };
  std::shared_ptr<FlatConvolution> depthwise_;
  std::shared_ptr<Normalization> depthwise_norm_;
  Weigher channels_, places_;
};

/// DAT (Chen et al. 2023, "Dual Aggregation Transformer for Image Super-Resolution", arXiv 2308.03364): steps of
/// attention within oblong windows, for half of the channels upright and for half lying, take turns with attention
/// between channels, which looks at the whole image: in tiles the answer is only nearly the same. Its tensors have the
/// names that people's weights have; what they have as matrices are 1x1 convolutions.
class DatUpscaler : public Upscaler {
 public:
  /// Throws Error unless as many channels come out as go in.
  DatUpscaler(const UpscalerOptions& options, int64_t channels_in, int64_t channels_out, const at::Generator& random);

 protected:
  at::Tensor answer(const at::Tensor& images) override;
  OnnxValue answer(OnnxGraph& graph, const OnnxValue& images) override;
  RowRange seen_by(RowRange rows) const override;

 private:
  /// Biases of windows, made of how far two places lie apart.
  struct PositionBias {
    struct Layer {
      std::shared_ptr<ChannelNorm> norm;
      std::shared_ptr<FlatConvolution> convolution;
    };
    std::shared_ptr<FlatConvolution> first;
    std::vector<Layer> layers;
    int64_t height = 0, width = 0;
  };
  struct Step {
    std::shared_ptr<ChannelNorm> attention_norm, mixing_norm, gate_norm;
    std::shared_ptr<FlatConvolution> qkv, projection, widening, gate, narrowing;
    std::unique_ptr<AdaptiveInteraction> interaction;
    std::vector<PositionBias> windows;  ///< none: attention between channels
    at::Tensor temperature;             ///< of attention between channels
    bool shifts = false;
  };
  struct Block {
    std::vector<Step> steps;
    std::unique_ptr<BlockEnd> end;
  };
  Step add_step(torch::nn::Module& owner, int64_t block, int64_t number, const at::Generator& random) const;
  PositionBias add_windows(torch::nn::Module& owner, int64_t height, int64_t width, const at::Generator& random) const;
  at::Tensor bias_of(const PositionBias& windows, const at::Tensor& like) const;
  at::Tensor between_places(const Step& step, const at::Tensor& qkv) const;
  at::Tensor between_channels(const Step& step, const at::Tensor& qkv) const;
  at::Tensor run(const Step& step, const at::Tensor& input) const;
  WindowGrid grid_of(const Step& step, const PositionBias& windows) const;
  /// The same of queries, keys and values `[N, 3 C, H, W]` in an ONNX graph.
  OnnxValue between_places(OnnxGraph& graph, const Step& step, const OnnxValue& qkv) const;
  OnnxValue between_channels(OnnxGraph& graph, const Step& step, const OnnxValue& qkv) const;
  OnnxValue run(OnnxGraph& graph, const Step& step, const OnnxValue& input) const;

  std::shared_ptr<FlatConvolution> first_;
  std::shared_ptr<ChannelNorm> norm_first_, norm_last_;
  std::vector<Block> blocks_;
  std::unique_ptr<BlockEnd> end_;
  std::unique_ptr<Reconstruction> reconstruction_;
  at::Tensor mean_;
};

}  // namespace forger
