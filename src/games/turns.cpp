#include "games/turns.h"

#include "core/torch.h"

namespace forger {

at::Tensor turned(const at::Tensor& images) {
  std::vector<at::Tensor> all;
  for (int64_t turn = 0; turn < kTurns; ++turn) {
    auto part = at::rot90(images, turn, {2, 3});
    if (part.sizes() != images.sizes()) {
      part = at::upsample_bilinear2d(part, {images.size(2), images.size(3)}, /*align_corners=*/false);
    }
    all.push_back(part);
  }
  return at::cat(all).contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor turn_numbers(const at::Tensor& images) {
  return at::arange(kTurns, images.options().dtype(at::kLong)).repeat_interleave(images.size(0));
}

}  // namespace forger
