#include "games/rotations.h"

#include "core/torch.h"

namespace forger {

at::Tensor rotated(const at::Tensor& images) {
  std::vector<at::Tensor> all;
  for (int64_t rotation = 0; rotation < kRotations; ++rotation) {
    auto part = at::rot90(images, rotation, {2, 3});
    if (part.sizes() != images.sizes()) {
      part = at::upsample_bilinear2d(part, {images.size(2), images.size(3)}, /*align_corners=*/false);
    }
    all.push_back(part);
  }
  return at::cat(all).contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor rotation_numbers(const at::Tensor& images) {
  return at::arange(kRotations, images.options().dtype(at::kLong)).repeat_interleave(images.size(0));
}

}  // namespace forger
