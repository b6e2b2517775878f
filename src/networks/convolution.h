#pragma once

#include <string>

#include "networks/layers.h"

namespace forger {

struct ConvolutionOptions {
  int64_t inputs = 0;
  int64_t outputs = 0;
  int64_t kernel = 3;
  int64_t stride = 1;
  int64_t padding = 1;
  int64_t groups = 1;
  bool bias = true;
  Initializer initializer = {};
  bool spectral_norm = false;
};

/// `[N, inputs, H, W]` -> `[N, outputs, H', W']`; weight `[outputs, inputs / groups, kernel, kernel]`.
class Convolution : public WeightedLayer {
 public:
  Convolution(const ConvolutionOptions& options, const at::Generator& random);

 protected:
  at::Tensor forward(const at::Tensor& input) override;
  OnnxValue nodes(OnnxGraph& graph, const OnnxValue& input) override;

  ConvolutionOptions options_;
};

/// A 3x3 convolution followed by 2x2 average pooling, computed as the one 4x4 convolution with stride 2 that
/// it equals (16 products a result instead of 36). `options` are those of the 3x3 convolution; sides must be
/// even.
class PoolingConvolution : public Convolution {
 public:
  using Convolution::Convolution;

 protected:
  at::Tensor forward(const at::Tensor& input) override;
  OnnxValue nodes(OnnxGraph& graph, const OnnxValue& input) override;

 private:
  /// Of the one convolution that it is.
  at::Tensor kernel();
};

/// The 3x3 convolution with padding 1 that makes the image. A single output channel starves the convolution
/// kernels of work, so it is computed as a matrix product and a sum of shifted results. Weight and result, and
/// nodes, are those of Convolution.
class ImageConvolution : public Convolution {
 public:
  using Convolution::Convolution;

 protected:
  at::Tensor forward(const at::Tensor& input) override;
};

/// Doubles the resolution: `[N, inputs, H, W]` -> `[N, outputs, 2H, 2W]`.
/// "transposed": a 4x4 transposed convolution with stride 2 and padding 1, weight `[inputs, outputs, 4, 4]`.
/// "nearest": nearest-neighbour doubling, then a 3x3 convolution, computed as the one 4x4 transposed
/// convolution that it equals (16 products an input instead of 36, and no doubled copy of the input).
/// "bilinear": bilinear doubling, then a 3x3 convolution. Weights of both: `[outputs, inputs, 3, 3]`.
class DoublingConvolution : public WeightedLayer {
 public:
  /// Of the options only inputs, outputs, bias and initializer count.
  DoublingConvolution(const std::string& upsampling, const ConvolutionOptions& options, const at::Generator& random);

 protected:
  at::Tensor forward(const at::Tensor& input) override;
  OnnxValue nodes(OnnxGraph& graph, const OnnxValue& input) override;

 private:
  /// Of the transposed convolution that it is.
  at::Tensor kernel() const;

  enum class Kind { transposed, nearest, bilinear } kind_;
};

/// Latent `[N, inputs]` -> the smallest grid `[N, channels, height, width]`, channels-last: a linear layer
/// or, the same, a transposed convolution of a one-pixel image. Weight `[inputs, channels, height, width]`,
/// bias
/// `[1, channels, height, width]`, or with `channel_bias` one number a channel, `[channels]`.
class LatentGrid : public WeightedLayer {
 public:
  enum class Bias { none, channel, full };
  LatentGrid(int64_t inputs, int64_t channels, int64_t height, int64_t width, Bias bias, const Initializer& initializer,
             const at::Generator& random);

 protected:
  at::Tensor forward(const at::Tensor& latent) override;
  OnnxValue nodes(OnnxGraph& graph, const OnnxValue& latent) override;
};

/// The last grid `[N, channels, height, width]` -> logits `[N]`, always in float32: a linear layer over all
/// numbers or, the same, a convolution as large as the grid. Weight `[1, channels, height, width]`, bias
/// `[1]`.
class Readout : public WeightedLayer {
 public:
  Readout(int64_t channels, int64_t height, int64_t width, bool bias, const Initializer& initializer,
          bool spectral_norm, const at::Generator& random);

 protected:
  at::Tensor forward(const at::Tensor& input) override;
  OnnxValue nodes(OnnxGraph& graph, const OnnxValue& input) override;
};

/// Doubles both sides by repeating each pixel.
at::Tensor doubled_nearest(const at::Tensor& input);

/// Doubles both sides by bilinear interpolation (half-pixel centres).
at::Tensor doubled_bilinear(const at::Tensor& input);

}  // namespace forger
