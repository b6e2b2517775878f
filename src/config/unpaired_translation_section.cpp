#include "config/unpaired_translation_section.h"

#include "config/option_helpers.h"
#include "config/translation_checks.h"

namespace forger {

Section cycle_section() {
  return {"cycle",
          {
              {"cycle.adversary", place<&Config::cycle, &CycleOptions::adversary>, above(0, 1e6),
               "Weight of the discriminators' opinions in the generators' loss."},
              {"cycle.way_back", place<&Config::cycle, &CycleOptions::way_back>, range(0, 1e6),
               "Weight of the pixels' mean absolute difference between an image and what comes of it there and back."},
              {"cycle.identity", place<&Config::cycle, &CycleOptions::identity>, range(0, 1e6),
               "Weight of the difference between an image and its translation to the kind that it already is: keeps "
               "colours. Counts where both kinds have as many channels."},
              {"cycle.pool", place<&Config::cycle, &CycleOptions::pool>, range(0, 10000),
               "So many earlier fakes of each generator are kept; every second that a discriminator sees is one of "
               "them. 0: none."},
          }};
}

Section contrast_section() {
  return {"contrast",
          {
              {"contrast.adversary", place<&Config::contrast, &ContrastOptions::adversary>, above(0, 1e6),
               "Weight of the discriminator's opinion in the generator's loss."},
              {"contrast.weight", place<&Config::contrast, &ContrastOptions::weight>, range(0, 1e6),
               "Weight of the contrast: each place of what is made is to show what the same place of its source shows, "
               "and no other place."},
              {"contrast.identity", place<&Config::contrast, &ContrastOptions::identity>, range(0, 1e6),
               "Weight of the same between an image and its translation to the kind that it already is. 0: half of the "
               "generator's work."},
              {"contrast.places", place<&Config::contrast, &ContrastOptions::places>, range(2, 16384),
               "Places of each image that are compared with each other, in each level. Memory grows with its square."},
              {"contrast.width", place<&Config::contrast, &ContrastOptions::width>, range(1, 8192),
               "Numbers that describe a place, made by a small network in each level."},
              {"contrast.temperature", place<&Config::contrast, &ContrastOptions::temperature>, above(0, 10),
               "Of the softmax over places; lower: only the likest other places count."},
          }};
}

void check_unpaired_translation(const Config& config) { check_sides_game(config, "unpaired-translation"); }

void check_one_sided_translation(const Config& config) {
  constexpr const char* kGame = "one-sided-translation";
  check_sides_game(config, kGame);
  refuse_in_game(config.translator.network != "resnet", kGame, "translator.network", "\"unet\"",
                 "resnet: the contrast is of the way into it");
  refuse_in_game(config.contrast.weight == 0 && config.contrast.identity == 0, kGame, "contrast.weight", 0,
                 "above 0, or contrast.identity above 0");
}

}  // namespace forger
