#pragma once

#include <vector>

#include "forger/config.h"
#include "networks/conditioning.h"
#include "networks/convolution.h"

namespace forger {

/// x + 1x1(leaky(grouped 3x3(leaky(1x1(x))))) with twice the channels inside, 16 a group, and no
/// normalisation. The last convolution starts at 0 and the others are scaled by the number of blocks (Zhang
/// et al. 2019, arXiv 1901.09321), so that the network starts as a sum of its shortcuts.
class BottleneckBlock : public torch::nn::Module {
 public:
  /// `blocks` counts those of the whole network.
  BottleneckBlock(int64_t channels, int64_t blocks, const at::Generator& random);
  at::Tensor forward(const at::Tensor& input);
  OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& input) const;

 private:
  std::shared_ptr<Convolution> expand_, grouped_, contract_;
};

/// R3GAN's generator (Huang et al. 2025, arXiv 2501.05441): a learned smallest grid whose channels a linear
/// function of the latent scales, then stages of two blocks with a 1x1 convolution and bilinear doubling
/// between them, a 1x1 convolution to the image, and tanh. `upsampling` "nearest" doubles so, and
/// "transposed" puts a transposed convolution in their place. `normalization` must be "none".
class R3Generator : public LatentGenerator {
 public:
  R3Generator(const GeneratorOptions& options, const ImageShape& shape, int64_t classes, const at::Generator& random);
  at::Tensor forward(const at::Tensor& latent, const at::Tensor& labels) override;
  OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& latent, const OnnxValue& labels) override;

 private:
  enum class Upsampling { transposed, nearest, bilinear } upsampling_;
  std::shared_ptr<ClassLatent> class_latent_;
  at::Tensor basis_;
  std::shared_ptr<Linear> coefficients_;
  std::vector<std::shared_ptr<Layer>> transitions_;
  std::vector<std::shared_ptr<BottleneckBlock>> blocks_;
  std::shared_ptr<Convolution> image_;
};

/// Its discriminator, the mirror image: stages of two blocks with smoothed halving ([1, 3, 3, 1] filter) and
/// a 1x1 convolution between them, then a depthwise convolution as large as the grid and a linear layer.
/// `normalization` must be "none", and spectral normalisation is refused, for a weight that starts at 0 has
/// no singular value to divide by.
class R3Discriminator : public Discriminator {
 public:
  R3Discriminator(const DiscriminatorOptions& options, const ImageShape& shape, int64_t classes,
                  const at::Generator& random);
  at::Tensor forward(const at::Tensor& images, const at::Tensor& labels) override;

 private:
  std::shared_ptr<Convolution> extract_;
  std::vector<std::shared_ptr<BottleneckBlock>> blocks_;
  std::vector<std::shared_ptr<Dropout>> dropouts_;
  std::vector<std::shared_ptr<Convolution>> transitions_;
  at::Tensor basis_;
  std::shared_ptr<Linear> output_;
  std::shared_ptr<Embedding> embedding_;
};

}  // namespace forger
