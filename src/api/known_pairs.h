#pragma once

#include <string>

#include "forger/config.h"
#include "forger/model.h"

namespace forger {

/// How a model's training came to its pairs.
struct KnownPairs {
  PairsOptions options = {};
  /// How pictures came to its size, as DataOptions::fit; empty: not known.
  std::string fit = {};
};

/// As a model's provenance holds it.
std::string to_json(const KnownPairs& pairs);

/// What the provenance says; without a word there, what stands for any pairs. Throws Error on what was not written so.
KnownPairs known_pairs(const ModelInfo& model);

}  // namespace forger
