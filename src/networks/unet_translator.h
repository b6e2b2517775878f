#pragma once

#include <memory>
#include <vector>

#include "networks/translator.h"

namespace forger {

/// The U-Net of pix2pix (Isola et al. 2017, arXiv 1611.07004): 4x4 convolutions halve the sides `depth` times, as many
/// doublings lead back, and each sees beside what comes from below what its level gave on the way down. "unet_256" of
/// its authors' program has depth 8, "unet_128" depth 7.
class UnetTranslator : public Translator {
 public:
  UnetTranslator(const TranslatorOptions& options, int64_t channels_in, int64_t channels_out,
                 const at::Generator& random);

 protected:
  at::Tensor answer(const at::Tensor& images) override;
  OnnxValue answer(OnnxGraph& graph, const OnnxValue& images) override;
  int64_t multiple_px() const override { return int64_t{1} << options_.depth; }
  int64_t least_px() const override { return multiple_px(); }
  RowRange seen_by(RowRange rows) const override;

 private:
  struct Level {
    std::shared_ptr<Convolution> down;
    std::shared_ptr<Normalization> down_norm;
    std::shared_ptr<DoublingConvolution> up;
    std::shared_ptr<Normalization> up_norm;
    std::shared_ptr<Dropout> dropout;
  };
  std::vector<Level> levels_;  ///< from the image inwards
};

}  // namespace forger
