#pragma once

#include <memory>
#include <vector>

#include "networks/upscaler.h"

namespace forger {

/// Five 3x3 convolutions, each of which sees all that was made before it; a fifth of the last's result is added to the
/// input.
class DenseBlock : public torch::nn::Module {
 public:
  DenseBlock(int64_t features, int64_t growth, const at::Generator& random);
  at::Tensor forward(const at::Tensor& input);
  OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& input) const;

 private:
  std::vector<std::shared_ptr<FlatConvolution>> convolutions_;
};

/// The residual-in-residual dense network of ESRGAN (Wang et al. 2018, arXiv 1809.00219), as Real-ESRGAN has it (Wang
/// et al. 2021, arXiv 2107.10833), from which its tensors have their names.
class RrdbnetUpscaler : public Upscaler {
 public:
  RrdbnetUpscaler(const UpscalerOptions& options, int64_t channels_in, int64_t channels_out,
                  const at::Generator& random);

 protected:
  at::Tensor answer(const at::Tensor& images) override;
  OnnxValue answer(OnnxGraph& graph, const OnnxValue& images) override;
  RowRange seen_by(RowRange rows) const override;

 private:
  struct Enlarging {
    int64_t scale;
    std::shared_ptr<FlatConvolution> convolution;
  };

  int64_t channels_in_;
  std::shared_ptr<FlatConvolution> first_, behind_blocks_, before_last_, last_;
  std::vector<std::vector<std::shared_ptr<DenseBlock>>> blocks_;
  std::vector<Enlarging> enlargings_;
};

}  // namespace forger
