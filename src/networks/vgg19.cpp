#include "networks/vgg19.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/fail.h"
#include "core/text.h"
#include "core/torch.h"
#include "core/utf8.h"

namespace forger {
namespace {

/// Where the convolutions stand in torchvision's list of layers, and those that a halving stands before.
constexpr std::array<int64_t, 16> kVggPlaces = {0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34};
constexpr std::array<int64_t, 4> kAfterHalving = {5, 10, 19, 28};
constexpr size_t kMostNamesSaid = 12;

std::string listed(const std::vector<std::string>& names) {
  std::vector<std::string> some;
  for (const auto& name : names) {
    if (some.size() < kMostNamesSaid) some.push_back(for_message(name));
  }
  return join(some) + (names.size() > some.size() ? fmt::format(" … ({} in all)", names.size()) : "");
}

/// Throws Error unless the names are those of VGG-19.
void check_names(const std::map<std::string, at::Tensor>& weights) {
  std::set<std::string> known;
  std::vector<std::string> missing, superfluous;
  for (const int64_t place : kVggPlaces) {
    for (const char* kind : {"weight", "bias"}) {
      const auto name = fmt::format("features.{}.{}", place, kind);
      known.insert(name);
      if (!weights.contains(name)) missing.push_back(name);
    }
  }
  for (const auto& [name, tensor] : weights) {
    if (!known.contains(name) && !name.starts_with("classifier.")) superfluous.push_back(name);
  }
  if (missing.empty() && superfluous.empty()) return;
  fail("these are not the weights of VGG-19 as torchvision names them; missing: {}; not understood: {}",
       missing.empty() ? "none" : listed(missing), superfluous.empty() ? "none" : listed(superfluous));
}

at::Tensor checked_weight(const std::map<std::string, at::Tensor>& weights, const std::string& name,
                          const std::vector<int64_t>& sizes, c10::Device device) {
  const auto& tensor = weights.at(name);
  if (tensor.sizes() != at::IntArrayRef(sizes)) {
    fail("{}: is [{}], accepted: [{}]", name, fmt::join(tensor.sizes(), ", "), fmt::join(sizes, ", "));
  }
  if (!at::isfinite(tensor).all().item<bool>()) fail("{}: holds NaN or infinity, accepted: finite numbers", name);
  return tensor.detach().to(device, at::kFloat);
}

/// One number for each of the three colours.
at::Tensor of_colors(double red, double green, double blue, c10::Device device) {
  return at::tensor({red, green, blue}, at::kFloat).view({1, 3, 1, 1}).to(device);
}

}  // namespace

Vgg19::Vgg19(const std::map<std::string, at::Tensor>& weights, c10::Device device)
    : mean_(of_colors(0.485, 0.456, 0.406, device)), deviation_(of_colors(0.229, 0.224, 0.225, device)) {
  check_names(weights);
  int64_t channels = 3;
  for (const int64_t place : kVggPlaces) {
    const auto name = fmt::format("features.{}.", place);
    const auto& weight = weights.at(name + "weight");
    const int64_t outputs = weight.dim() > 0 ? weight.size(0) : 0;
    layers_.push_back({checked_weight(weights, name + "weight", {outputs, channels, 3, 3}, device)
                           .contiguous(at::MemoryFormat::ChannelsLast),
                       checked_weight(weights, name + "bias", {outputs}, device)});
    channels = outputs;
  }
}

at::Tensor Vgg19::features(const at::Tensor& images) const {
  auto grid = ((images.expand({-1, 3, -1, -1}) + 1) / 2 - mean_) / deviation_;
  for (size_t i = 0; i < layers_.size(); ++i) {
    if (i > 0) grid = at::relu(grid);
    if (std::ranges::find(kAfterHalving, kVggPlaces[i]) != kAfterHalving.end()) grid = at::max_pool2d(grid, 2);
    grid = at::conv2d(grid, layers_[i].weight, layers_[i].bias, at::IntArrayRef{1, 1}, at::IntArrayRef{1, 1});
  }
  return grid;
}

}  // namespace forger
