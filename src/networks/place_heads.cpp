#include "networks/place_heads.h"

#include "core/fail.h"
#include "core/torch.h"

namespace forger {
namespace {

const Initializer kHeadInitializer{Initializer::Kind::normal, 0.02};
constexpr double kLeastLength = 1e-7;

}  // namespace

PlaceHeads::PlaceHeads(const std::vector<int64_t>& channels, int64_t width, const at::Generator& random) {
  for (size_t i = 0; i < channels.size(); ++i) {
    const auto layer = [&](const char* name, int64_t inputs) {
      const LinearOptions options{.inputs = inputs, .outputs = width, .initializer = kHeadInitializer};
      return add<Linear>(*this, fmt::format("level{}{}", i + 1, name), options, random);
    };
    auto first = layer("a", channels[i]);
    heads_.push_back({std::move(first), layer("b", width)});
  }
}

at::Tensor PlaceHeads::at_places(size_t level, const at::Tensor& grid, const at::Tensor& places) {
  const auto chosen = grid.permute({0, 2, 3, 1}).flatten(1, 2).index_select(1, places);
  const auto& head = heads_.at(level);
  const auto numbers = (*head.second)(relu_in_place((*head.first)(chosen))).to(at::kFloat);
  return numbers / at::linalg_vector_norm(numbers, 2, at::IntArrayRef{2}, /*keepdim=*/true).clamp_min(kLeastLength);
}

}  // namespace forger
