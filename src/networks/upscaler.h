#pragma once

#include <memory>
#include <string>

#include "forger/config.h"
#include "networks/flat_convolution.h"
#include "networks/network.h"
#include "networks/row_range.h"

namespace forger {

/// What the super-resolution networks share. Inside they work on images in [0, 1], as the weights that people exchange
/// do; nothing bounds their answer, so an image may go a little beyond.
class Upscaler : public ImageGenerator {
 public:
  /// Throws Error where something is added to an answer of other channels.
  Upscaler(const UpscalerOptions& options, int64_t channels_in, int64_t channels_out);

  /// Images whose sides are no multiple of the rule's are mirrored at the lower and the right edge, and the answer cut.
  at::Tensor forward(const at::Tensor& images) final;
  OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& images) final;
  ImageRule rule() const final;

 protected:
  /// Images `[N, C, H, W]` in [0, 1], channels-last, sides multiples of the rule's -> `[N, C', scale * H, scale * W]`,
  /// what is to be added to the base.
  virtual at::Tensor answer(const at::Tensor& images) = 0;
  /// The same in an ONNX graph.
  virtual OnnxValue answer(OnnxGraph& graph, const OnnxValue& images) = 0;
  /// The rows, counted behind `unshuffle`, that rows of the answer are made from, as far as the layers go.
  virtual RowRange seen_by(RowRange rows) const = 0;
  /// Sides of what the layers work on, counted behind `unshuffle`, are multiples of this.
  virtual int64_t grid() const { return 1; }

  const UpscalerOptions options_;

 private:
  at::Tensor answer_of(const at::Tensor& images);
  at::Tensor enlarged(const at::Tensor& images) const;
  OnnxValue enlarged(OnnxGraph& graph, const OnnxValue& images) const;
};

/// The options for a network that is given no base to add to: it makes the image itself.
UpscalerOptions without_base(UpscalerOptions options);

/// "prelu" (a slope for each channel below zero, 0.25 at first: He et al. 2015, arXiv 1502.01852), "relu" or
/// "leaky-relu" with slope 0.1. May overwrite its input, so what it is given is for it alone.
class Activation : public Layer {
 public:
  Activation(const std::string& name, int64_t channels);

 protected:
  at::Tensor forward(const at::Tensor& input) override;
  OnnxValue nodes(OnnxGraph& graph, const OnnxValue& input) override;

 private:
  enum class Kind { prelu, relu, leaky } kind_;
  at::Tensor weight_;  ///< "prelu" only
};

}  // namespace forger
