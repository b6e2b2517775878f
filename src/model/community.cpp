#include "model/community.h"

#include <ATen/ATen.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "config/schema.h"
#include "config/value.h"
#include "core/fail.h"
#include "core/random.h"
#include "core/text.h"
#include "core/utf8.h"
#include "model/layouts.h"
#include "model/translation_layouts.h"
#include "networks/catalog.h"

namespace forger {
namespace {

/// What programs put before every name.
constexpr const char* kPrefixes[] = {"module.", "netG.", "_orig_mod.", "generator.", "net_g.", "model.", "net."};
constexpr int kMostPrefixes = 4;
/// What some programs count beside the weights.
constexpr const char* kNoWeights[] = {"n_averaged"};
constexpr size_t kMostNames = 12;

bool has_marks(const NamedTensors& weights, const Layout& layout) {
  return std::all_of(layout.marks.begin(), layout.marks.end(),
                     [&](const auto& name) { return weights.contains(name); });
}

const Layout* layout_of(const NamedTensors& weights, const std::string& as) {
  for (const auto& layout : layouts()) {
    if ((as.empty() || as == layout.network) && has_marks(weights, layout)) return &layout;
  }
  return nullptr;
}

bool take_prefix(NamedTensors& weights) {
  for (const std::string prefix : kPrefixes) {
    const bool everywhere = !weights.empty() && std::all_of(weights.begin(), weights.end(), [&](const auto& item) {
      return item.first.starts_with(prefix);
    });
    if (!everywhere) continue;
    NamedTensors without;
    for (auto& [name, tensor] : weights) without.emplace(name.substr(prefix.size()), std::move(tensor));
    weights = std::move(without);
    return true;
  }
  return false;
}

std::string names_of(const std::vector<std::string>& names) {
  std::vector<std::string> some;
  for (size_t i = 0; i < std::min(names.size(), kMostNames); ++i) some.push_back(for_message(names[i]));
  return join(some) + (names.size() > kMostNames ? fmt::format(" … ({} in all)", names.size()) : "");
}

std::string names_of(const NamedTensors& weights) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : weights) names.push_back(name);
  return names_of(names);
}

/// Throws Error unless the options of the architecture are such as a recipe would take.
void check_options(const CommunityNetwork& found) {
  Config config;
  config.upscaler = found.options;
  config.translator = found.translator;
  for (const auto& option : forger::options()) {
    if (option.architecture && option.key.starts_with(found.kind + ".")) check_value(option, config);
  }
}

std::shared_ptr<ImageGenerator> network_of(const CommunityNetwork& found) {
  const auto& [in, out] = std::pair(found.channels_in, found.channels_out);
  if (found.kind == "translator") return make_translator(found.translator, in, out, make_random(0));
  return make_upscaler(found.options, in, out, make_random(0));
}

/// Throws Error unless the network's weights are just these.
void check_weights(const CommunityNetwork& found) {
  const auto network = network_of(found);
  std::set<std::string> known;
  std::vector<std::string> missing, superfluous;
  const auto check = [&](const std::string& name, const at::Tensor& wanted) {
    known.insert(name);
    const auto weight = found.tensors.find(name);
    if (weight == found.tensors.end()) {
      missing.push_back(name);
    } else if (weight->second.sizes() != wanted.sizes()) {
      fail("the weight {} is [{}], the architecture needs [{}]", for_message(name),
           fmt::join(weight->second.sizes(), ", "), fmt::join(wanted.sizes(), ", "));
    }
  };
  for (const auto& item : network->named_parameters()) check(item.key(), item.value());
  for (const auto& item : network->named_buffers()) check(item.key(), item.value());
  if (!missing.empty()) fail("it looks like {}, but weights are missing: {}", found.layout, names_of(missing));
  for (const auto& [name, tensor] : found.tensors) {
    if (!known.contains(name)) superfluous.push_back(name);
  }
  if (!superfluous.empty()) {
    fail("it looks like {}, but these weights are not understood: {}", found.layout, names_of(superfluous));
  }
}

}  // namespace

std::vector<std::string> community_networks() {
  std::vector<std::string> names;
  for (const auto& layout : layouts()) {
    if (std::find(names.begin(), names.end(), layout.network) == names.end()) names.emplace_back(layout.network);
  }
  return names;
}

CommunityNetwork recognize_network(const ForeignWeights& weights, const std::string& as) {
  const auto known = community_networks();
  if (!as.empty() && std::find(known.begin(), known.end(), as) == known.end()) {
    fail("as: received \"{}\", accepted: {}{}", for_message(as), join(known), did_you_mean(as, known));
  }
  NamedTensors tensors = weights.tensors;
  for (const char* name : kNoWeights) tensors.erase(name);
  const auto* layout = layout_of(tensors, as);
  for (int i = 0; !layout && i < kMostPrefixes && take_prefix(tensors); ++i) layout = layout_of(tensors, as);
  if (!layout && are_of_a_discriminator(tensors)) {
    fail("is a discriminator: a row of convolutions that ends in one number for each place; accepted: a generator");
  }
  if (!layout) {
    fail("is no forger-model, and its weights are of no architecture that is known ({}){}; their names are {}",
         join(known), as.empty() ? "" : fmt::format(" as {}", as), tensors.empty() ? "none" : names_of(tensors));
  }
  CommunityNetwork found = layout->take(std::move(tensors));
  found.layout = layout->name;
  if (found.kind == "upscaler") found.options.network = layout->network;
  check_options(found);
  check_weights(found);
  for (const auto& [name, tensor] : found.tensors) {
    if (!at::isfinite(tensor).all().item<bool>()) fail("the weight {} holds numbers that are not finite", name);
  }
  return found;
}

}  // namespace forger
