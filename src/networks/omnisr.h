#pragma once

#include <memory>
#include <vector>

#include "networks/upscaler.h"

namespace forger {

/// Omni-SR (Wang et al. 2023, arXiv 2304.10244): attention between places and between channels, in squares of 8 pixels
/// and in grids over the whole image. Means and grids are those of the whole image: in tiles the answer is only nearly
/// the same. Its tensors have the names that people's weights have.
class OmnisrUpscaler : public Upscaler {
 public:
  /// Throws Error unless `options.features` is a multiple of 16.
  OmnisrUpscaler(const UpscalerOptions& options, int64_t channels_in, int64_t channels_out,
                 const at::Generator& random);
  ImageRule rule() const override;

 protected:
  at::Tensor answer(const at::Tensor& images) override;
  RowRange seen_by(RowRange rows) const override;
  bool runs_in_one_dtype() const override { return false; }

 private:
  struct Norm {
    at::Tensor weight, bias;
  };
  /// What a grouped 3x3 convolution gates.
  struct Gated {
    Norm norm;
    std::shared_ptr<Convolution> in, deep, out;
  };
  struct PlaceAttention {
    Norm norm;
    std::shared_ptr<Linear> in, out;
    at::Tensor bias;  ///< of each distance and head
  };
  struct ChannelAttention {
    Norm norm;
    std::shared_ptr<Convolution> in, deep, out;
    at::Tensor temperature;
  };
  struct Block {
    std::shared_ptr<Convolution> widen, deep, narrow, joint;
    std::shared_ptr<Linear> squeeze, excite;
    PlaceAttention near_places, far_places;
    ChannelAttention near_channels, far_channels;
    std::vector<Gated> gated;  ///< behind each of the attentions
    /// Which parts of the image count.
    std::shared_ptr<Convolution> first, shallow, halving, coarse, last;
  };

  Block add_block(torch::nn::Module& owner, const at::Generator& random) const;
  at::Tensor run(const Block& block, const at::Tensor& input) const;
  at::Tensor run(const Gated& gated, const at::Tensor& input) const;
  at::Tensor run(const PlaceAttention& attention, const at::Tensor& input, bool near) const;
  at::Tensor run(const ChannelAttention& attention, const at::Tensor& input, bool near) const;
  at::Tensor weighed(const Block& block, const at::Tensor& input) const;

  std::shared_ptr<FlatConvolution> first_, behind_blocks_, last_;
  std::vector<Block> blocks_;
};

}  // namespace forger
