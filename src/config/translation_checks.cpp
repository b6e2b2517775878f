#include "config/translation_checks.h"

#include <utility>

namespace forger {

void check_translation_game(const Config& config, const char* game) {
  const auto refuse = [&](bool wrong, const char* key, const auto& received, const char* accepted) {
    refuse_in_game(wrong, game, key, received, accepted);
  };
  refuse(config.data.labels, "data.labels", "true", "false");
  for (const auto& [key, channels] :
       {std::pair("data.channels", config.data.channels), std::pair("pairs.channels", config.pairs.channels)}) {
    refuse(channels == 2, key, channels, "0, 1, 3, 4");
  }
  refuse(config.data.fit == "tiles" && config.pairs.enlarge != 1, "pairs.enlarge", config.pairs.enlarge,
         "1, or another data.fit: parts of pictures are cut at their own scale");
  refuse(config.translator.turns_per_step != 1, "translator.turns_per_step", config.translator.turns_per_step, "1");
  refuse(config.discriminator.turns_per_step != 1, "discriminator.turns_per_step", config.discriminator.turns_per_step,
         "1");
  refuse(config.training.accumulate != 1, "training.accumulate", config.training.accumulate, "1");
  refuse(config.training.first_turn != "discriminator", "training.first_turn", "\"generator\"", "discriminator");
  refuse(config.discriminator.rotations > 0, "discriminator.rotations", config.discriminator.rotations, "0");
}

void check_sides_game(const Config& config, const char* game) {
  check_translation_game(config, game);
  refuse_in_game(!config.data.classes.empty(), game, "data.classes", "classes",
                 "[], and pairs.classes_a and pairs.classes_b");
  const auto& pairs = config.pairs;
  refuse_in_game(pairs.kinds > 0, game, "pairs.kinds", pairs.kinds, "0: label maps need pairs");
  const bool names_classes = !pairs.classes_a.empty() || !pairs.classes_b.empty();
  refuse_in_game(names_classes && pairs.source != "auto" && pairs.source != "classes", game, "pairs.source",
                 pairs.source, "auto or classes, as pairs.classes_a and pairs.classes_b name some");
}

}  // namespace forger
