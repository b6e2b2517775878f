#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/community.h"

namespace forger {

using NamedTensors = std::map<std::string, at::Tensor>;

/// A way in which people name the weights of one architecture.
struct Layout {
  /// What a person asks for; of an upscaler as `UpscalerOptions::network`.
  const char* network;
  /// For people.
  const char* name;
  /// Weights that are there in every such network.
  std::vector<std::string> marks;
  /// Gives the weights our names and finds the sizes. What it does not understand keeps its name. Throws Error naming a
  /// weight that is missing or of another shape.
  CommunityNetwork (*take)(NamedTensors weights);
};

/// Every layout that is read.
const std::vector<Layout>& layouts();

}  // namespace forger
