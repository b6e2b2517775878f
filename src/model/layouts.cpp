#include "model/layouts.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <set>
#include <tuple>
#include <utility>

#include "core/fail.h"
#include "model/layout_weights.h"
#include "model/transformer_layouts.h"
#include "model/translation_layouts.h"

namespace forger {
namespace {

/// The number at the beginning of `text`, which moves behind it and a point; -1: there is none.
int64_t take_number(std::string_view& text) {
  int64_t number = 0;
  size_t digits = 0;
  while (digits < text.size() && digits < 6 && text[digits] >= '0' && text[digits] <= '9') {
    number = 10 * number + (text[digits++] - '0');
  }
  if (digits == 0 || digits == text.size() || text[digits] != '.') return -1;
  text.remove_prefix(digits + 1);
  return number;
}

/// Real-ESRGAN's names are ours. Everything else is brought to them.
CommunityNetwork take_rrdbnet(NamedTensors weights) {
  const auto& first = weight_at(weights, "conv_first.weight", {kAny, kAny, 3, 3});
  const auto& last = weight_at(weights, "conv_last.weight", {kAny, kAny, 3, 3});
  const int64_t features = first.size(0), inputs = first.size(1), outputs = last.size(0);
  const int64_t growth = weight_at(weights, "body.0.rdb1.conv1.weight", {kAny, features, 3, 3}).size(0);
  const int64_t blocks = count_of(weights, "body.", ".rdb1.conv1.weight");
  // The largest of each block: with them there, the network is no larger than a few times the file.
  for (int64_t i = 0; i < blocks; ++i) {
    for (const int k : {1, 2, 3}) {
      weight_at(weights, fmt::format("body.{}.rdb{}.conv5.weight", i, k), {features, features + 4 * growth, 3, 3});
    }
  }
  const int64_t enlargings = count_of(weights, "conv_up", ".weight", 1);
  const int64_t unshuffle = inputs == 4 * outputs ? 2 : inputs == 16 * outputs ? 4 : 1;
  const int64_t enlarged = int64_t{1} << std::min<int64_t>(enlargings, 8);
  if (enlarged < unshuffle || enlarged > 8) {
    fail("it enlarges {} times by 2 after {} channels went in, accepted: scales 1, 2, 4 and 8", enlargings, inputs);
  }
  CommunityNetwork network;
  network.channels_in = inputs / (unshuffle * unshuffle);
  network.channels_out = outputs;
  network.options.scale = enlarged / unshuffle;
  network.options.unshuffle = unshuffle;
  network.options.features = features;
  network.options.blocks = blocks;
  network.options.growth = growth;
  network.options.base = "none";
  network.tensors = std::move(weights);
  return network;
}

/// "model.1.sub.3.RDB2.conv4.0.weight" -> "body.3.rdb2.conv4.weight".
std::string block_of_oldest(std::string_view name) {
  const int64_t block = take_number(name);
  if (block < 0) return "";
  if (name == "weight" || name == "bias") return fmt::format("conv_body.{}", name);
  if (name.size() < 15 || !name.starts_with("RDB") || name.substr(4, 5) != ".conv" || name.substr(10, 3) != ".0.") {
    return "";
  }
  return fmt::format("body.{}.rdb{}.conv{}.{}", block, name[3], name[9], name.substr(13));
}

/// The names of the first program: all layers in one row, "model.0" … "model.10".
CommunityNetwork take_rrdbnet_oldest(NamedTensors weights) {
  std::set<int64_t> behind;
  for (const auto& [name, tensor] : weights) {
    std::string_view rest = name;
    if (!rest.starts_with("model.")) continue;
    rest.remove_prefix(6);
    if (const int64_t place = take_number(rest); place > 1) behind.insert(place);
  }
  if (behind.size() < 2) fail("the weights behind model.1 are missing");
  const auto place_name = [&](int64_t place) -> std::string {
    const auto index = std::distance(behind.begin(), behind.find(place));
    const auto count = static_cast<std::ptrdiff_t>(behind.size());
    if (index == count - 1) return "conv_last";
    if (index == count - 2) return "conv_hr";
    return fmt::format("conv_up{}", index + 1);
  };
  return take_rrdbnet(renamed(std::move(weights), [&](std::string_view name) -> std::string {
    if (!name.starts_with("model.")) return "";
    name.remove_prefix(6);
    if (name.starts_with("1.sub.")) return block_of_oldest(name.substr(6));
    const int64_t place = take_number(name);
    if (place == 0) return fmt::format("conv_first.{}", name);
    return place > 1 ? fmt::format("{}.{}", place_name(place), name) : "";
  }));
}

/// The names of ESRGAN's second program, and of BSRGAN.
CommunityNetwork take_rrdbnet_older(NamedTensors weights) {
  return take_rrdbnet(renamed(std::move(weights), [](std::string_view name) -> std::string {
    if (name.starts_with("trunk_conv.")) return fmt::format("conv_body.{}", name.substr(11));
    if (name.starts_with("HRconv.")) return fmt::format("conv_hr.{}", name.substr(7));
    if (name.starts_with("upconv")) return fmt::format("conv_up{}", name.substr(6));
    if (!name.starts_with("RRDB_trunk.")) return "";
    name.remove_prefix(11);
    const int64_t block = take_number(name);
    return block >= 0 && name.starts_with("RDB") ? fmt::format("body.{}.rdb{}", block, name.substr(3)) : "";
  }));
}

CommunityNetwork take_compact(NamedTensors weights) {
  const auto& first = weight_at(weights, "body.0.weight", {kAny, kAny, 3, 3});
  const int64_t features = first.size(0), inputs = first.size(1);
  const int64_t layers = count_of(weights, "body.", ".weight");
  if (layers % 2 == 0 || layers < 5) fail("it has {} layers, accepted: an odd number from 5 on", layers);
  for (int64_t i = 0; i + 1 < layers; i += 2) {
    weight_at(weights, fmt::format("body.{}.weight", i), {features, i == 0 ? inputs : features, 3, 3});
    weight_at(weights, fmt::format("body.{}.weight", i + 1), {features});
  }
  const auto name = fmt::format("body.{}.weight", layers - 1);
  const auto [scale, outputs] = shuffled(weight_at(weights, name, {kAny, features, 3, 3}).size(0), inputs, name);
  CommunityNetwork network;
  network.channels_in = inputs;
  network.channels_out = outputs;
  network.options.scale = scale;
  network.options.features = features;
  network.options.blocks = (layers - 3) / 2;
  network.options.base = "nearest";
  network.tensors = std::move(weights);
  return network;
}

/// What several convolutions without a bend between them are together: 1x1, 3x3, 1x1, beside a 1x1. As the network's
/// authors use them, which differs from training only in what stands around the image.
std::pair<at::Tensor, at::Tensor> merged_span(const NamedTensors& weights, const std::string& name) {
  const auto weight = [&](const char* part, const std::vector<int64_t>& sizes) {
    return weight_at(weights, name + part, sizes).to(at::kDouble);
  };
  const auto skip = weight(".sk.weight", {kAny, kAny, 1, 1});
  const int64_t outputs = skip.size(0), inputs = skip.size(1);
  const auto first = weight(".conv.0.weight", {kAny, inputs, 1, 1});
  const auto second = weight(".conv.1.weight", {kAny, first.size(0), 3, 3});
  const auto third = weight(".conv.2.weight", {outputs, second.size(0), 1, 1});
  const auto matrix = [](const at::Tensor& kernel) { return kernel.flatten(1); };
  // [c, b, 3, 3] after [b, a]: each place of the kernel is a matrix of its own.
  auto kernel = at::einsum("oc,cbyx,bi->oiyx", {matrix(third), second, matrix(first)});
  kernel.select(3, 1).select(2, 1).add_(matrix(skip));
  auto bias = at::mv(second.sum({2, 3}), weight(".conv.0.bias", {first.size(0)}));
  bias = at::mv(matrix(third), bias + weight(".conv.1.bias", {second.size(0)}));
  bias = bias + weight(".conv.2.bias", {outputs}) + weight(".sk.bias", {outputs});
  return {kernel.to(at::kFloat).contiguous(), bias.to(at::kFloat)};
}

/// Puts the one convolution in the place of all that it is made of.
void merge_span(NamedTensors& weights, const std::string& name) {
  std::pair<at::Tensor, at::Tensor> merged;
  if (weights.contains(name + ".sk.weight")) {
    merged = merged_span(weights, name);
  } else {
    merged = {weight_at(weights, name + ".eval_conv.weight", {kAny, kAny, 3, 3}),
              weight_at(weights, name + ".eval_conv.bias", {kAny})};
  }
  for (const char* kind : {"weight", "bias"}) {
    for (const char* part : {".sk.", ".conv.0.", ".conv.1.", ".conv.2.", ".eval_conv."})
      weights.erase(name + part + kind);
  }
  weights[name + ".weight"] = merged.first;
  weights[name + ".bias"] = merged.second;
}

CommunityNetwork take_span(NamedTensors weights) {
  CommunityNetwork network;
  network.options.centred = weights.erase("no_norm") == 0;
  network.options.blocks = 0;
  merge_span(weights, "conv_1");
  merge_span(weights, "conv_2");
  while (true) {
    const auto block = fmt::format("block_{}.", network.options.blocks + 1);
    const auto first = weights.lower_bound(block);
    if (first == weights.end() || !first->first.starts_with(block)) break;
    for (const char* part : {"c1_r", "c2_r", "c3_r"}) merge_span(weights, block + part);
    ++network.options.blocks;
  }
  const auto& first = weight_at(weights, "conv_1.weight", {kAny, kAny, 3, 3});
  const int64_t features = first.size(0), inputs = first.size(1);
  for (int64_t i = 1; i <= network.options.blocks; ++i) {
    weight_at(weights, fmt::format("block_{}.c1_r.weight", i), {features, features, 3, 3});
  }
  const std::string last = "upsampler.0.weight";
  const auto [scale, outputs] = shuffled(weight_at(weights, last, {kAny, features, 3, 3}).size(0), inputs, last);
  network.channels_in = inputs;
  network.channels_out = outputs;
  network.options.scale = scale;
  network.options.features = features;
  network.options.base = "none";
  network.tensors = renamed(std::move(weights), [](std::string_view name) -> std::string {
    return name.starts_with("upsampler.0.") ? fmt::format("upsampler.{}", name.substr(12)) : "";
  });
  return network;
}

CommunityNetwork take_realplksr(NamedTensors weights) {
  const auto& first = weight_at(weights, "feats.0.weight", {kAny, kAny, 3, 3});
  const int64_t features = first.size(0), channels = first.size(1);
  const int64_t blocks = count_of(weights, "feats.", ".channel_mixer.0.weight", 1);
  const auto& large = weight_at(weights, "feats.1.lk.conv.weight", {kAny, kAny, kAny, kAny});
  const int64_t partial = large.size(0), kernel = large.size(2);
  for (int64_t i = 1; i <= blocks; ++i) {
    weight_at(weights, fmt::format("feats.{}.channel_mixer.0.weight", i), {2 * features, features, 3, 3});
    weight_at(weights, fmt::format("feats.{}.lk.conv.weight", i), {partial, partial, kernel, kernel});
  }
  const auto last = fmt::format("feats.{}.weight", blocks + 2);
  CommunityNetwork network;
  std::tie(network.options.scale, network.channels_out) =
      shuffled(weight_at(weights, last, {kAny, features, 3, 3}).size(0), channels, last);
  network.channels_in = channels;
  network.options.features = features;
  network.options.blocks = blocks;
  network.options.kernel = kernel;
  network.options.partial = partial;
  network.options.attention = weights.contains("feats.1.attn.f.0.weight");
  network.options.normalization = weights.contains("feats.1.layer_norm.weight") ? "layer"
                                  : weights.contains("feats.1.norm.weight")     ? "group"
                                                                                : "none";
  network.options.upsampling = weights.contains("to_img.init_pos") ? "dysample" : "shuffle";
  network.tensors = std::move(weights);
  return network;
}

}  // namespace

const std::vector<Layout>& layouts() {
  static const std::vector<Layout> all = {
      {"rrdbnet",
       "RRDBNet, layout model.1.sub.N.RDB1",
       {"model.0.weight", "model.1.sub.0.RDB1.conv1.0.weight"},
       take_rrdbnet_oldest},
      {"rrdbnet",
       "RRDBNet, layout RRDB_trunk.N.RDB1",
       {"conv_first.weight", "RRDB_trunk.0.RDB1.conv1.weight"},
       take_rrdbnet_older},
      {"rrdbnet", "RRDBNet, layout body.N.rdb1", {"conv_first.weight", "body.0.rdb1.conv1.weight"}, take_rrdbnet},
      {"compact", "SRVGGNetCompact, layout body.N", {"body.0.weight", "body.1.weight", "body.2.weight"}, take_compact},
      {"span", "SPAN, layout block_N.c1_r.sk", {"conv_1.sk.weight", "block_1.c1_r.sk.weight"}, take_span},
      {"span",
       "SPAN, layout block_N.c1_r.eval_conv",
       {"conv_1.eval_conv.weight", "block_1.c1_r.eval_conv.weight"},
       take_span},
      {"realplksr",
       "RealPLKSR, layout feats.N.lk",
       {"feats.0.weight", "feats.1.channel_mixer.0.weight"},
       take_realplksr},
      {"swinir",
       "SwinIR, layout layers.N.residual_group",
       {"layers.0.residual_group.blocks.0.attn.relative_position_bias_table",
        "layers.0.residual_group.blocks.0.mlp.fc1.weight"},
       take_swinir},
      {"dat",
       "DAT, layout layers.N.blocks",
       {"layers.0.blocks.0.attn.attns.0.rpe_biases", "layers.0.blocks.0.ffn.sg.norm.weight"},
       take_dat},
      {"cyclegan-resnet",
       "CycleGAN's ResNet, layout model.N.conv_block",
       {"model.1.weight", "model.10.conv_block.1.weight"},
       take_cyclegan_resnet},
      {"pix2pix-unet",
       "pix2pix's U-Net, layout model.model.1.model",
       {"model.model.0.weight", "model.model.1.model.1.weight"},
       take_pix2pix_unet},
  };
  return all;
}

}  // namespace forger
