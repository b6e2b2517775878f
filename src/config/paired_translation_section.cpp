#include "config/paired_translation_section.h"

#include "config/option_helpers.h"
#include "core/fail.h"

namespace forger {
namespace {

/// What a side of pairs may be: those that lie in the data, and those that are made of its images.
Accepted kinds_of_pairs() {
  return {
      .words = {"auto", "folders", "side-by-side", "edges", "grey", "blur", "mask"},
      .other_names = {{"derive:edges", "edges"},
                      {"derive:grey", "grey"},
                      {"derive:blur", "blur"},
                      {"derive:mask", "mask"},
                      {"sketch", "edges"},
                      {"gray", "grey"},
                      {"colorization", "grey"},
                      {"inpainting", "mask"},
                      {"aligned", "side-by-side"},
                      {"ab", "side-by-side"}},
  };
}

}  // namespace

Section pairs_section() {
  return {"pairs",
          {
              {"pairs.source", place<&Config::pairs, &PairsOptions::source>, kinds_of_pairs(),
               "Sides A and B of each pair: folders A and B of equal names, the halves of each image, or made of the "
               "images (B) on the fly: their edges, grey, blurred, or with a hole (A). auto: what lies in the data."},
              {"pairs.direction",
               place<&Config::pairs, &PairsOptions::direction>,
               {.words = {"a2b", "b2a"}, .other_names = {{"AtoB", "a2b"}, {"BtoA", "b2a"}}},
               "a2b: B is made from A; b2a: A from B."},
              {"pairs.channels", place<&Config::pairs, &PairsOptions::channels>, range(0, 4),
               "Of what images are made from: 1 grey, 3 RGB, 4 RGBA; 0: what it has."},
              {"pairs.enlarge", place<&Config::pairs, &PairsOptions::enlarge>, range(1, 4),
               "Both sides are made so many times as large as data.size, and a part of that size is cut out, each time "
               "another: more data. 1: not."},
              {"pairs.edges", place<&Config::pairs, &PairsOptions::edges>, range(0, 255),
               "edges: the least slope, in levels of 255 a pixel, that is drawn; less: more lines."},
              {"pairs.blur", place<&Config::pairs, &PairsOptions::blur>, above(0, 50),
               "blur: the deviation of the Gaussian, in pixels."},
              {"pairs.mask", place<&Config::pairs, &PairsOptions::mask>, above(0, 1),
               "mask: the largest side of the hole, as a share of the image's; the smallest is half of that."},
          }};
}

Section translation_section() {
  return {"translation",
          {
              {"translation.pixels", place<&Config::translation, &TranslationOptions::pixels>, range(0, 1e6),
               "Weight of the pixels' mean absolute difference from the truth."},
              {"translation.adversary", place<&Config::translation, &TranslationOptions::adversary>, range(0, 1e6),
               "Weight of the discriminator's opinion in the generator's loss; 0: no discriminator."},
          }};
}

void check_paired_translation(const Config& config) {
  const auto refuse = [](bool wrong, const char* key, const auto& received, const char* accepted) {
    if (wrong) fail("{}: received {} with game = \"paired-translation\", accepted: {}", key, received, accepted);
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
  refuse(config.translation.pixels == 0 && config.translation.adversary == 0, "translation.pixels", 0,
         "above 0, or translation.adversary above 0");
}

}  // namespace forger
