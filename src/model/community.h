#pragma once

#include <map>
#include <string>
#include <vector>

#include "forger/config.h"
#include "model/torch_file.h"

namespace forger {

/// A network from images to images as people exchange it, in our words.
struct CommunityNetwork {
  /// "upscaler" or "translator", as ModelPart::kind: which of the options count.
  std::string kind = "upscaler";
  /// What trained it, or would have.
  std::string game = "super-resolution";
  UpscalerOptions options;
  TranslatorOptions translator;
  int64_t channels_in = 0, channels_out = 0;
  /// For people: "RRDBNet, layout body.N.rdb1".
  std::string layout;
  /// By the names that they have in our network.
  std::map<std::string, at::Tensor> tensors;
};

/// Names of the architectures that are recognised: of upscalers as `UpscalerOptions::network` has them.
std::vector<std::string> community_networks();

/// Recognises the architecture by the names of the weights, and its sizes by their shapes; `as` is one of
/// `community_networks()`, or empty. Throws Error with the bare reason: names that no known architecture has, weights
/// that are missing, superfluous or of another shape.
CommunityNetwork recognize_network(const ForeignWeights& weights, const std::string& as = "");

}  // namespace forger
