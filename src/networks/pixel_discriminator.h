#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/shape.h"
#include "networks/layers.h"

namespace forger {

class Convolution;
class Normalization;

/// A discriminator of pixels: a small U-Net (Ronneberger et al. 2015, arXiv 1505.04597) with an opinion of every pixel,
/// as in the U-Net GAN (Schönfeld et al. 2020, arXiv 2002.12655). It also sees where each pixel lies.
class PixelDiscriminator : public torch::nn::Module {
 public:
  /// `width` channels at full resolution.
  PixelDiscriminator(int64_t width, const ImageShape& shape, const at::Generator& random);

  /// Images `[N, C, H, W]` in [-1, 1] -> logits `[N, 1, H, W]` float32, positive for a pixel that is foreign to its
  /// image.
  at::Tensor forward(const at::Tensor& images);
  OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& images) const;

 private:
  /// Convolution, batch normalisation, leaky ReLU; twice.
  struct Block {
    std::shared_ptr<Convolution> first, second;
    std::shared_ptr<Normalization> first_norm, second_norm;
    at::Tensor operator()(const at::Tensor& input) const;
    OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& input) const;
  };
  Block add_block(const std::string& name, int64_t inputs, int64_t outputs, const at::Generator& random);

  std::vector<Block> down_;  ///< from the images' size, each level half as large as the one before
  std::vector<Block> up_;    ///< back again; each also sees what its level gave on the way down
  std::shared_ptr<Convolution> logit_;
  at::Tensor places_;  ///< `[1, 2, H, W]`: row and column, from -1 to 1
};

}  // namespace forger
