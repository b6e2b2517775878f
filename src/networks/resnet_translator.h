#pragma once

#include <memory>
#include <vector>

#include "networks/translator.h"

namespace forger {

/// The residual generator of Johnson et al. (2016, arXiv 1603.08155) as CycleGAN has it (Zhu et al. 2017, arXiv
/// 1703.10593): a 7x7 convolution, two halvings, residual blocks, two doublings, a 7x7 convolution; borders are
/// mirrored. "resnet_9blocks" and "resnet_6blocks" of its authors' program have 9 and 6 blocks.
class ResnetTranslator : public Translator {
 public:
  ResnetTranslator(const TranslatorOptions& options, int64_t channels_in, int64_t channels_out,
                   const at::Generator& random);
  /// Levels: the image, the two halvings, the first block and the middle one, as the contrast of Park et al. (2020,
  /// arXiv 2007.15651) takes them.
  MadeWithLevels forward_with_levels(const at::Tensor& images) override;
  std::vector<at::Tensor> levels(const at::Tensor& images) override;

 protected:
  at::Tensor answer(const at::Tensor& images) override;
  OnnxValue answer(OnnxGraph& graph, const OnnxValue& images) override;
  int64_t multiple_px() const override { return 4; }
  /// Fewer cannot be mirrored after two halvings.
  int64_t least_px() const override { return 8; }
  RowRange seen_by(RowRange rows) const override;

 private:
  template <class Convolve>
  struct Step {
    std::shared_ptr<Convolve> convolution;
    std::shared_ptr<Normalization> norm;
  };
  struct Block {
    Step<Convolution> first, second;
    std::shared_ptr<Dropout> dropout;
  };
  Step<Convolution> add_step(const std::string& name, const ConvolutionOptions& layer, const at::Generator& random);

  at::Tensor way_in(const at::Tensor& images, std::vector<at::Tensor>& levels);
  at::Tensor way_out(at::Tensor grid);
  at::Tensor through(Block& block, const at::Tensor& grid);
  OnnxValue through(OnnxGraph& graph, const Block& block, const OnnxValue& grid) const;
  size_t middle_block() const { return (blocks_.size() + 1) / 2; }

  Step<Convolution> first_;
  std::vector<Step<Convolution>> halvings_;
  std::vector<Block> blocks_;
  std::vector<Step<DoublingConvolution>> doublings_;
  std::shared_ptr<Convolution> last_;
};

}  // namespace forger
