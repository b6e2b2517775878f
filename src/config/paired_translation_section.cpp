#include "config/paired_translation_section.h"

#include "config/option_helpers.h"
#include "config/translation_checks.h"

namespace forger {
namespace {

/// What a side of pairs may be: those that lie in the data, and those that are made of its images.
Accepted kinds_of_pairs() {
  return {
      .words = {"auto", "folders", "side-by-side", "classes", "edges", "grey", "blur", "mask", "tone"},
      .other_names = {{"derive:edges", "edges"},
                      {"derive:grey", "grey"},
                      {"derive:blur", "blur"},
                      {"derive:mask", "mask"},
                      {"derive:tone", "tone"},
                      {"unaligned", "folders"},
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
  return {
      "pairs",
      {
          {"pairs.source", place<&Config::pairs, &PairsOptions::source>, kinds_of_pairs(),
           "Sides A and B: folders (with pairs, of equal names), the halves of each image, classes (without pairs), "
           "or A is made of images on the fly: their edges, grey, blurred, with a hole, or in other tones. auto: "
           "what lies in the data."},
          {"pairs.direction",
           place<&Config::pairs, &PairsOptions::direction>,
           {.words = {"a2b", "b2a"}, .other_names = {{"AtoB", "a2b"}, {"BtoA", "b2a"}}},
           "a2b: B is made from A; b2a: A from B."},
          {"pairs.classes_a", place<&Config::pairs, &PairsOptions::classes_a>, range(0, 1e6),
           "classes: those of side A, by number."},
          {"pairs.classes_b", place<&Config::pairs, &PairsOptions::classes_b>, range(0, 1e6),
           "classes: those of side B, by number."},
          {"pairs.channels", place<&Config::pairs, &PairsOptions::channels>, range(0, 4),
           "Of what images are made from: 1 grey, 3 RGB, 4 RGBA; 0: what it has."},
          {"pairs.kinds", place<&Config::pairs, &PairsOptions::kinds>, range(0, 256),
           "Images are made from label maps, grey or palette PNGs that hold the numbers of so many kinds of things, 0 "
           "the first. 0: from images."},
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
  constexpr const char* kGame = "paired-translation";
  check_translation_game(config, kGame);
  refuse_in_game(config.pairs.source == "classes", kGame, "pairs.source", "\"classes\"",
                 "what has pairs: folders, side-by-side, edges, grey, blur, mask, tone");
  refuse_in_game(!config.pairs.classes_a.empty() || !config.pairs.classes_b.empty(), kGame, "pairs.classes_a",
                 "classes", "[] on both sides: classes have no pairs");
  const auto& pairs = config.pairs;
  refuse_in_game(pairs.kinds == 1, kGame, "pairs.kinds", 1, "0, or 2 and more: one kind says nothing");
  refuse_in_game(pairs.kinds > 0 && pairs.source != "auto" && pairs.source != "folders", kGame, "pairs.source",
                 pairs.source, "folders, as pairs.kinds asks for label maps");
  refuse_in_game(pairs.kinds > 0 && pairs.channels > 1, kGame, "pairs.channels", pairs.channels,
                 "0, 1, as pairs.kinds asks for label maps");
  refuse_in_game(config.translation.pixels == 0 && config.translation.adversary == 0, kGame, "translation.pixels", 0,
                 "above 0, or translation.adversary above 0");
}

}  // namespace forger
