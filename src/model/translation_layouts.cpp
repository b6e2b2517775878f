#include "model/translation_layouts.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "core/fail.h"
#include "model/layout_weights.h"

namespace forger {
namespace {

/// What its authors drop numbers with, in networks that drop.
constexpr double kAuthorsDropout = 0.5;
/// The levels of a U-Net that never drop: four next to the image, and the innermost.
constexpr int64_t kLevelsWithoutDropout = 5;
constexpr int64_t kAuthorsWidening = 8;
constexpr int64_t kMostLevels = 16;

/// Brings weights, layer by layer, from their authors' names to ours. What is not asked for keeps its name.
class Taking {
 public:
  /// `norm`: the name of a normalisation, `convolution` of what stands in front of it: of which kind it is.
  Taking(NamedTensors weights, const std::string& convolution, const std::string& norm)
      : weights_(std::move(weights)),
        kind_(weights_.contains(norm + ".weight") && weights_.contains(norm + ".running_mean")  ? "batch"
              : weights_.contains(norm + ".weight") || weights_.contains(convolution + ".bias") ? "instance"
                                                                                                : "none") {}

  const std::string& normalization() const { return kind_; }

  /// A convolution that nothing normalises; its bias is 0 where its authors have none.
  void convolution(const std::string& from, const std::vector<int64_t>& sizes, const std::string& to, int64_t outputs) {
    weight(from, sizes, to);
    auto bias = taken(from + ".bias");
    made_[to + ".bias"] = bias.defined() ? bias : at::zeros({outputs});
  }

  /// A convolution and what normalises it. Normalisation takes off what a bias adds, so the bias goes: it is part of
  /// the running mean where that counts.
  void normalized(const std::string& from, const std::vector<int64_t>& sizes, const std::string& norm,
                  const std::string& to, const std::string& to_norm, int64_t outputs) {
    if (kind_ == "none") return convolution(from, sizes, to, outputs);
    weight(from, sizes, to);
    const auto bias = taken(from + ".bias");
    const auto scale = taken(norm + ".weight"), offset = taken(norm + ".bias");
    made_[to_norm + ".weight"] = scale.defined() ? scale : at::ones({outputs});
    made_[to_norm + ".bias"] = offset.defined() ? offset : at::zeros({outputs});
    auto mean = taken(norm + ".running_mean"), variance = taken(norm + ".running_var");
    taken(norm + ".num_batches_tracked");
    if (kind_ == "instance") return;  // it goes by the image alone: what old versions counted says nothing
    if (mean.defined() && bias.defined() && mean.sizes() == bias.sizes()) mean = mean - bias;
    if (mean.defined()) made_[to_norm + ".running_mean"] = mean;
    if (variance.defined()) made_[to_norm + ".running_var"] = variance;
  }

  /// All of them, those that nobody asked for by the names that they had.
  NamedTensors finish() {
    made_.merge(weights_);
    return std::move(made_);
  }

 private:
  at::Tensor taken(const std::string& name) {
    auto found = weights_.extract(name);
    return found.empty() ? at::Tensor() : found.mapped();
  }

  void weight(const std::string& from, const std::vector<int64_t>& sizes, const std::string& to) {
    auto weight = weight_at(weights_, from + ".weight", sizes);
    weights_.erase(from + ".weight");
    // Transposed convolutions of 3x3 are those of 4x4 whose last row and column are 0.
    const bool widens = to.starts_with("up") && weight.size(2) == 3;
    made_[to + ".weight"] = widens ? at::constant_pad_nd(weight, {0, 1, 0, 1}) : weight;
  }

  NamedTensors weights_, made_;
  std::string kind_;
};

CommunityNetwork translator_of(const char* network, const char* game) {
  CommunityNetwork found;
  found.kind = "translator";
  found.game = game;
  found.translator.network = network;
  found.translator.upsampling = "transposed";
  return found;
}

}  // namespace

CommunityNetwork take_cyclegan_resnet(NamedTensors weights) {
  const auto place = [](int64_t number) { return fmt::format("model.{}", number); };
  auto found = translator_of("resnet", "unpaired-translation");
  auto& options = found.translator;
  const auto& first = weight_at(weights, "model.1.weight", {kAny, kAny, 7, 7});
  const int64_t width = first.size(0), inputs = first.size(1), inner = 4 * width;
  const int64_t blocks = count_of(weights, "model.", ".conv_block.1.weight", 10);
  const int64_t behind = 10 + blocks;
  const auto& last = weight_at(weights, place(behind + 7) + ".weight", {kAny, width, 7, 7});
  // Dropout stands between the two convolutions of a block.
  const auto second = weights.find("model.10.conv_block.6.weight");
  const bool drops = second != weights.end() && second->second.dim() == 4;
  options.width = width;
  options.max_width = inner;
  options.blocks = blocks;
  options.dropout = drops ? kAuthorsDropout : 0;
  found.channels_in = inputs;
  found.channels_out = last.size(0);
  Taking taking(std::move(weights), "model.1", "model.2");
  options.normalization = taking.normalization();
  const auto step = [&](int64_t from, const std::vector<int64_t>& sizes, const std::string& to, int64_t outputs) {
    taking.normalized(place(from), sizes, place(from + 1), to, to + "_norm", outputs);
  };
  step(1, {width, inputs, 7, 7}, "first", width);
  step(4, {2 * width, width, 3, 3}, "down1", 2 * width);
  step(7, {inner, 2 * width, 3, 3}, "down2", inner);
  for (int64_t i = 1; i <= blocks; ++i) {
    const auto block = place(9 + i) + ".conv_block.";
    const std::vector<int64_t> sizes = {inner, inner, 3, 3};
    const auto half = [&](int from, const char* to) {
      const auto ours = fmt::format("block{}{}", i, to);
      taking.normalized(fmt::format("{}{}", block, from), sizes, fmt::format("{}{}", block, from + 1), ours,
                        ours + "_norm", inner);
    };
    half(1, "a");
    half(drops ? 6 : 5, "b");
  }
  step(behind, {inner, 2 * width, 3, 3}, "up2", 2 * width);
  step(behind + 3, {2 * width, width, 3, 3}, "up1", width);
  taking.convolution(place(behind + 7), {found.channels_out, width, 7, 7}, "last", found.channels_out);
  found.tensors = taking.finish();
  return found;
}

CommunityNetwork take_pix2pix_unet(NamedTensors weights) {
  auto found = translator_of("unet", "paired-translation");
  auto& options = found.translator;
  // Each level is a row of layers in that of the level around it; the innermost has none inside.
  std::vector<std::string> levels = {"model.model.", "model.model.1.model."};
  while (weights.contains(levels.back() + "3.model.1.weight")) {
    if (levels.size() == kMostLevels) fail("it has more than {} levels", kMostLevels);
    levels.push_back(levels.back() + "3.model.");
  }
  const auto depth = static_cast<int64_t>(levels.size());
  if (depth < 3) fail("it has {} levels, accepted: from 3 on", depth);
  const auto& first = weight_at(weights, "model.model.0.weight", {kAny, kAny, 4, 4});
  const int64_t width = first.size(0);
  found.channels_in = first.size(1);
  found.channels_out = weight_at(weights, "model.model.3.weight", {2 * width, kAny, 4, 4}).size(1);
  options.width = width;
  options.max_width = kAuthorsWidening * width;
  options.depth = depth;
  Taking taking(std::move(weights), levels[1] + "1", levels[1] + "2");
  options.normalization = taking.normalization();
  // pix2pix normalises batches and drops; CycleGAN's U-Net normalises images and does not. Weights do not say it.
  if (options.normalization == "batch" && depth > kLevelsWithoutDropout) {
    options.dropout = kAuthorsDropout;
    options.dropout_levels = depth - kLevelsWithoutDropout;
  }
  int64_t outer = found.channels_out, outer_in = found.channels_in;
  for (int64_t i = 1; i <= depth; ++i) {
    const auto& level = levels[static_cast<size_t>(i - 1)];
    const bool is_first = i == 1, is_last = i == depth;
    const int64_t inner = is_first ? width : std::min(2 * outer, options.max_width);
    const std::vector<int64_t> down = {inner, outer_in, 4, 4}, up = {is_last ? inner : 2 * inner, outer, 4, 4};
    const auto down_name = fmt::format("down{}", i), up_name = fmt::format("up{}", i);
    const auto up_norm = fmt::format("up_norm{}", i);
    if (is_first) {
      taking.convolution(level + "0", down, down_name, inner);
      taking.convolution(level + "3", up, up_name, outer);
    } else if (is_last) {
      taking.convolution(level + "1", down, down_name, inner);
      taking.normalized(level + "3", up, level + "4", up_name, up_norm, outer);
    } else {
      taking.normalized(level + "1", down, level + "2", down_name, fmt::format("down_norm{}", i), inner);
      taking.normalized(level + "5", up, level + "6", up_name, up_norm, outer);
    }
    outer = outer_in = inner;
  }
  found.tensors = taking.finish();
  return found;
}

bool are_of_a_discriminator(const NamedTensors& weights) {
  const at::Tensor* last = nullptr;
  int64_t highest = -1;
  for (const auto& [name, tensor] : weights) {
    const auto digits = name.find_first_not_of("0123456789");
    if (digits == 0 || digits > 3 || digits == std::string::npos || name[digits] != '.') return false;
    const int64_t place = std::stoll(name.substr(0, digits));
    if (tensor.dim() != 4 || place <= highest) continue;
    highest = place;
    last = &tensor;
  }
  return last != nullptr && highest > 0 && last->size(0) == 1;
}

}  // namespace forger
