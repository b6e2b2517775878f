#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "forger/config.h"

namespace forger {

/// One network of a model, enough to build it again.
struct ModelPart {
  /// What it does in the model, and what its tensors' names begin with: "generator", "encoder", "discriminator" …
  std::string role;
  /// "latent-generator", "encoder", "discriminator", "pixel-discriminator", "upscaler", "translator", or "detector",
  /// which is numbers and no network.
  std::string kind;
  /// The architecture: what `architecture_of` says of the section that describes this kind; an encoder's also has
  /// "codes", "kl" or "adversarial".
  nlohmann::ordered_json options = nlohmann::ordered_json::object();
  /// Whether the last weights are kept beside the averaged ones, as "raw_ROLE.*".
  bool keeps_raw = false;
};

/// The section of the configuration that describes parts of a kind; empty for "detector". Throws Error on an unknown
/// kind.
std::string section_of(const std::string& kind);

/// A configuration in which the part's section says what the part is. Throws Error naming the option that does not fit.
Config config_of(const ModelPart& part);

}  // namespace forger
