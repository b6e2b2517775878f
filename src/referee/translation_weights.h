#pragma once

#include <string>

#include "forger/config.h"

namespace forger {

/// A weight in what a translation game asks of its generator.
struct TranslationWeight {
  /// Of a recipe; empty where the game has no such weight.
  std::string key;
  double now = 0;
  /// What it usually is.
  double usual = 0;
};

/// That of the discriminator's opinion.
TranslationWeight adversary_weight(const Config& config);
/// That of what ties an image to its source: the pixels' difference from the truth, the way back, or the contrast.
TranslationWeight hold_weight(const Config& config);
/// That of what an image of the kind that is made should be made into: itself. Games without pairs have it, where both
/// kinds have as many channels.
TranslationWeight identity_weight(const Config& config);

}  // namespace forger
