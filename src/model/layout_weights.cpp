#include "model/layout_weights.h"

#include <ATen/ATen.h>
#include <fmt/ranges.h>

#include "core/fail.h"
#include "core/utf8.h"

namespace forger {

const at::Tensor& weight_at(const NamedTensors& weights, const std::string& name, const std::vector<int64_t>& sizes) {
  const auto found = weights.find(name);
  if (found == weights.end()) fail("the weight {} is missing", name);
  const auto& tensor = found->second;
  bool fits = tensor.dim() == static_cast<int64_t>(sizes.size());
  for (size_t i = 0; fits && i < sizes.size(); ++i) {
    const int64_t size = tensor.size(static_cast<int64_t>(i));
    fits = sizes[i] == kAny ? size > 0 : size == sizes[i];
  }
  if (fits) return tensor;
  std::vector<std::string> wanted;
  for (const int64_t size : sizes) wanted.push_back(size == kAny ? "any" : std::to_string(size));
  fail("the weight {} is [{}], accepted: [{}]", name, fmt::join(tensor.sizes(), ", "), fmt::join(wanted, ", "));
}

int64_t count_of(const NamedTensors& weights, const std::string& prefix, const std::string& suffix, int64_t first) {
  int64_t count = 0;
  while (weights.contains(fmt::format("{}{}{}", prefix, first + count, suffix))) ++count;
  return count;
}

NamedTensors renamed(NamedTensors weights, const std::function<std::string(std::string_view)>& rename) {
  NamedTensors made;
  for (auto& [name, tensor] : weights) {
    auto other = rename(name);
    if (!made.emplace(other.empty() ? name : other, std::move(tensor)).second) {
      fail("the weights {} are there twice, by two names", for_message(name));
    }
  }
  return made;
}

std::pair<int64_t, int64_t> shuffled(int64_t channels, int64_t channels_in, const std::string& name) {
  for (const int64_t out : {channels_in, int64_t{3}, int64_t{4}, int64_t{1}}) {
    for (const int64_t scale : {1, 2, 3, 4, 8}) {
      if (out * scale * scale == channels) return {scale, out};
    }
  }
  fail("the weight {} makes {} channels, accepted: images of 1, 3 or 4 channels times the square of 1, 2, 3, 4 or 8",
       name, channels);
}

}  // namespace forger
