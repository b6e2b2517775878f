#include "model/transformer_layouts.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "model/layout_weights.h"

namespace forger {
namespace {

/// Takes out what programs keep beside the weights and what follows from the sizes.
void take_out(NamedTensors& weights, const std::vector<std::string>& ends) {
  std::erase_if(weights, [&](const auto& item) {
    return std::any_of(ends.begin(), ends.end(), [&](const auto& end) { return item.first.ends_with(end); });
  });
}

/// Matrices, but for tables, become 1x1 convolutions, as our networks have them.
void make_convolutions(NamedTensors& weights) {
  for (auto& [name, tensor] : weights) {
    if (name.ends_with(".weight") && tensor.dim() == 2) tensor = tensor.unsqueeze(2).unsqueeze(3);
  }
}

/// Side of the windows that a table of `rows` differences of places is for.
int64_t window_of(int64_t rows, const std::string& name) {
  const auto differences = std::llround(std::sqrt(static_cast<double>(rows)));
  if (differences * differences != rows || differences % 2 == 0) {
    fail("the weight {} has {} rows, accepted: the square of an odd number", name, rows);
  }
  return (differences + 1) / 2;
}

/// Side of the windows in which two places lie so far apart at most.
int64_t side_of(double greatest, const std::string& name) {
  constexpr double kMost = 1 << 16;
  if (!(greatest >= 0 && greatest < kMost)) {
    fail("the weight {} ends with a difference of {}, accepted: sides of windows less 1", name, greatest);
  }
  return std::llround(greatest) + 1;
}

/// How much the layers enlarge, and how.
void take_reconstruction(const NamedTensors& weights, CommunityNetwork& network) {
  auto& options = network.options;
  const int64_t features = options.features;
  int64_t enlarging = 1;
  if (weights.contains("conv_before_upsample.0.weight")) {
    const int64_t doublings = count_of(weights, "conv_up", ".weight", 1);
    options.upsampling = doublings > 0 ? "nearest" : "shuffle";
    if (doublings > 3) fail("it enlarges {} times by 2, accepted: up to 3 times", doublings);
    enlarging = int64_t{1} << doublings;
    for (int64_t i = 0; enlarging < 8 && weights.contains(fmt::format("upsample.{}.weight", i)); i += 2) {
      const auto name = fmt::format("upsample.{}.weight", i);
      const auto& step = weight_at(weights, name, {kAny, kAny, 3, 3});
      enlarging *= shuffled(step.size(0), step.size(1), name).first;
    }
  } else if (weights.contains("upsample.0.weight")) {
    options.upsampling = "direct";
    const std::string name = "upsample.0.weight";
    const int64_t made = weight_at(weights, name, {kAny, features, 3, 3}).size(0);
    enlarging = shuffled(made, network.channels_in, name).first;
  } else {
    options.upsampling = "none";
  }
  if (weights.contains("conv_last.weight")) {
    network.channels_out = weight_at(weights, "conv_last.weight", {kAny, kAny, 3, 3}).size(0);
  } else {
    network.channels_out = network.channels_in;
  }
  if (enlarging % options.unshuffle != 0) {
    fail("it enlarges by {} after squares of {} pixels a side became channels, accepted: a multiple", enlarging,
         options.unshuffle);
  }
  options.scale = enlarging / options.unshuffle;
}

}  // namespace

CommunityNetwork take_swinir(NamedTensors weights) {
  take_out(weights, {".attn.relative_position_index", ".attn_mask"});
  make_convolutions(weights);
  const bool unshuffles = weights.contains("conv_first.1.weight");
  weights = renamed(std::move(weights), [](std::string_view name) -> std::string {
    return name.starts_with("conv_first.1.") ? fmt::format("conv_first.{}", name.substr(13)) : "";
  });
  const auto& first = weight_at(weights, "conv_first.weight", {kAny, kAny, 3, 3});
  const int64_t features = first.size(0), inputs = first.size(1);
  CommunityNetwork network;
  auto& options = network.options;
  options.features = features;
  options.base = "none";
  network.channels_in = inputs;
  if (unshuffles) {
    std::tie(options.unshuffle, network.channels_in) = shuffled(inputs, 3, "conv_first.1.weight");
  }
  options.blocks = count_of(weights, "layers.", ".residual_group.blocks.0.norm1.weight");
  options.depth = count_of(weights, "layers.0.residual_group.blocks.", ".norm1.weight");
  const std::string table = "attn.relative_position_bias_table";
  const auto name_of = [](int64_t block, int64_t step, const std::string& part) {
    return fmt::format("layers.{}.residual_group.blocks.{}.{}", block, step, part);
  };
  const auto& biases = weight_at(weights, name_of(0, 0, table), {kAny, kAny});
  options.window = window_of(biases.size(0), name_of(0, 0, table));
  options.heads = biases.size(1);
  options.hidden = weight_at(weights, name_of(0, 0, "mlp.fc1.weight"), {kAny, features, 1, 1}).size(0);
  for (int64_t i = 0; i < options.blocks; ++i) {
    for (int64_t k = 0; k < options.depth; ++k) {
      weight_at(weights, name_of(i, k, table), {biases.size(0), biases.size(1)});
      weight_at(weights, name_of(i, k, "attn.qkv.weight"), {3 * features, features, 1, 1});
      weight_at(weights, name_of(i, k, "mlp.fc1.weight"), {options.hidden, features, 1, 1});
      weight_at(weights, name_of(i, k, "mlp.fc2.weight"), {features, options.hidden, 1, 1});
    }
  }
  options.end_convolutions = weights.contains("conv_after_body.weight") ? 1 : 3;
  take_reconstruction(weights, network);
  network.tensors = std::move(weights);
  return network;
}

CommunityNetwork take_dat(NamedTensors weights) {
  CommunityNetwork network;
  auto& options = network.options;
  const auto name_of = [](int64_t block, int64_t step, const std::string& part) {
    return fmt::format("layers.{}.blocks.{}.{}", block, step, part);
  };
  // The differences of places, of which the last is the greatest.
  const auto differences_name = name_of(0, 0, "attn.attns.0.rpe_biases");
  const auto greatest = weight_at(weights, differences_name, {kAny, 2})[-1];
  options.window = side_of(greatest[0].item<double>(), differences_name);
  options.window_width = side_of(greatest[1].item<double>(), differences_name);
  take_out(weights,
           {".relative_position_index", ".rpe_biases", ".attn_mask_0", ".attn_mask_1", ".num_batches_tracked"});
  make_convolutions(weights);
  const auto& first = weight_at(weights, "conv_first.weight", {kAny, kAny, 3, 3});
  const int64_t features = first.size(0);
  options.features = features;
  options.base = "none";
  network.channels_in = first.size(1);
  options.blocks = count_of(weights, "layers.", ".blocks.0.norm1.weight");
  options.depth = count_of(weights, "layers.0.blocks.", ".norm1.weight");
  if (options.depth > 1) {
    options.heads = weight_at(weights, name_of(0, 1, "attn.temperature"), {kAny, 1, 1}).size(0);
  } else {
    options.heads = 2 * weight_at(weights, name_of(0, 0, "attn.attns.0.pos.pos3.2.weight"), {kAny, kAny, 1, 1}).size(0);
  }
  options.hidden = weight_at(weights, name_of(0, 0, "ffn.fc1.weight"), {kAny, features, 1, 1}).size(0);
  for (int64_t i = 0; i < options.blocks; ++i) {
    for (int64_t k = 0; k < options.depth; ++k) {
      weight_at(weights, name_of(i, k, "attn.qkv.weight"), {3 * features, features, 1, 1});
      weight_at(weights, name_of(i, k, "ffn.fc1.weight"), {options.hidden, features, 1, 1});
      // Some are trained without it.
      weights.try_emplace(name_of(i, k, "attn.qkv.bias"), at::zeros({3 * features}));
    }
  }
  options.end_convolutions = weights.contains("conv_after_body.weight") ? 1 : 3;
  take_reconstruction(weights, network);
  network.tensors = std::move(weights);
  return network;
}

}  // namespace forger
