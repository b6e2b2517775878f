#include "networks/label_map.h"

#include "core/torch.h"

namespace forger {

at::Tensor as_kind_channels(const at::Tensor& maps, int64_t kinds) {
  const auto numbers = maps.to(at::kFloat).add(1).mul(127.5).round();
  const auto of_channels = at::arange(kinds, numbers.options()).view({1, kinds, 1, 1});
  return numbers.eq(of_channels).to(maps.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace forger
