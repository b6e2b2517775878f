#include "referee/translation_weights.h"

namespace forger {

TranslationWeight adversary_weight(const Config& config) {
  if (config.game == "paired-translation")
    return {"translation.adversary", config.translation.adversary, TranslationOptions{}.adversary};
  if (config.game == "unpaired-translation")
    return {"cycle.adversary", config.cycle.adversary, CycleOptions{}.adversary};
  if (config.game == "one-sided-translation")
    return {"contrast.adversary", config.contrast.adversary, ContrastOptions{}.adversary};
  return {};
}

TranslationWeight hold_weight(const Config& config) {
  if (config.game == "paired-translation")
    return {"translation.pixels", config.translation.pixels, TranslationOptions{}.pixels};
  if (config.game == "unpaired-translation") return {"cycle.way_back", config.cycle.way_back, CycleOptions{}.way_back};
  if (config.game == "one-sided-translation")
    return {"contrast.weight", config.contrast.weight, ContrastOptions{}.weight};
  return {};
}

TranslationWeight identity_weight(const Config& config) {
  if (config.pairs.channels > 0 && config.pairs.channels != config.data.channels) return {};
  // As strong, beside what ties an image to its source, as in the papers.
  if (config.game == "unpaired-translation")
    return {"cycle.identity", config.cycle.identity, config.cycle.way_back / 2};
  if (config.game == "one-sided-translation")
    return {"contrast.identity", config.contrast.identity, config.contrast.weight};
  return {};
}

}  // namespace forger
