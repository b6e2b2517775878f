#pragma once

#include <memory>
#include <string>
#include <vector>

#include "networks/upscaler.h"

namespace forger {

/// Normalises the channels of each place of `[N, C, H, W]`, channels-last, then scales and shifts them (Ba et al. 2016,
/// arXiv 1607.06450).
class ChannelNorm : public Layer {
 public:
  explicit ChannelNorm(int64_t channels);

 protected:
  at::Tensor forward(const at::Tensor& input) override;
  OnnxValue nodes(OnnxGraph& graph, const OnnxValue& input) override;

 private:
  at::Tensor weight_, bias_;
};

/// What stands at the end of a block, before what went into it is added: one 3x3 convolution, or three (the middle one
/// 1x1, of a quarter of the channels) with LeakyReLU between them.
class BlockEnd {
 public:
  /// `convolutions`: 1 or 3. They become `owner`'s, by the name, or by it and 0, 2, 4.
  BlockEnd(torch::nn::Module& owner, const std::string& name, int64_t features, int64_t convolutions,
           const at::Generator& random);
  /// `to` + what they make of `input`.
  at::Tensor added(const at::Tensor& input, const at::Tensor& to) const;
  OnnxValue added(OnnxGraph& graph, const OnnxValue& input, const OnnxValue& to) const;
  int64_t reach_px() const { return convolutions_.size() == 1 ? 1 : 2; }

 private:
  std::vector<std::shared_ptr<FlatConvolution>> convolutions_;
};

/// How features become an image (Liang et al. 2021, section 3.1). "shuffle": convolutions whose channels become pixels,
/// 2x2 of them at a time, or 3x3. "direct": one such convolution. "nearest": the nearest pixel and a convolution for
/// each enlargement by 2. "none": a convolution, at scale 1.
class Reconstruction {
 public:
  /// The layers become `owner`'s.
  Reconstruction(torch::nn::Module& owner, const std::string& upsampling, int64_t features, int64_t channels_out,
                 int64_t scale, const at::Generator& random);
  at::Tensor forward(const at::Tensor& features) const;
  OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& features) const;
  /// The rows of features that rows of the image are made from.
  RowRange seen_by(RowRange rows) const;

 private:
  struct Step {
    int64_t scale;
    std::shared_ptr<FlatConvolution> convolution;
  };

  bool is_nearest_;
  std::vector<Step> steps_;
  std::shared_ptr<FlatConvolution> first_, before_last_, last_;  ///< those that there are
};

/// The mean colour of photographs, `[1, 3, 1, 1]`; of images that are not RGB, zero.
at::Tensor mean_of_photographs(int64_t channels);

}  // namespace forger
