#include "config/translator_section.h"

#include "config/player_options.h"
#include "core/fail.h"

namespace forger {

void check_translator(const TranslatorOptions& translator) {
  check_widths("translator", translator);
  if (translator.network != "unet" || translator.dropout == 0) return;
  // The level next to the image does not drop, and neither does the innermost.
  const int64_t most = translator.depth - 2, received = translator.dropout_levels;
  if (received < 1 || received > most) {
    fail("translator.dropout_levels: received {} with translator.depth {} and dropout, accepted: 1 to {}", received,
         translator.depth, most);
  }
}

Section translator_section() {
  return {
      "translator",
      player_options<&Config::translator>(
          "translator",
          {
              {"translator.network",
               place<&Config::translator, &TranslatorOptions::network>,
               {.words = {"unet", "resnet"},
                .other_names = {{"unet_256", "unet"},
                                {"unet_128", "unet"},
                                {"resnet_9blocks", "resnet"},
                                {"resnet_6blocks", "resnet"}}},
               "The architecture, image to image: unet sees the layout, resnet keeps it.",
               kArchitecture},
              width_option<&Config::translator>("translator", 1024),
              max_width_option<&Config::translator>("translator"),
              {"translator.depth", place<&Config::translator, &TranslatorOptions::depth>, range(3, 10),
               "Halvings of the sides (unet), which are filled up to multiples of 2 to that power; 8 for 256 pixels.",
               kArchitecture},
              {"translator.blocks", place<&Config::translator, &TranslatorOptions::blocks>, range(1, 64),
               "Residual blocks (resnet). Time grows with them.", kArchitecture},
              {"translator.normalization", place<&Config::translator, &TranslatorOptions::normalization>,
               words({"instance", "batch", "none"}), "Normalisation between the layers.", kArchitecture},
              {"translator.statistics", place<&Config::translator, &TranslatorOptions::statistics>,
               words({"image", "running"}),
               "What batch normalisation goes by when the model is used: each image's own numbers, as pix2pix does, or "
               "the averages of training.",
               kArchitecture},
              {"translator.dropout", place<&Config::translator, &TranslatorOptions::dropout>, below(0, 1),
               "Probability with which a number is dropped, when the model is used, too: the source of variety; 0.5 in "
               "pix2pix.",
               kArchitecture},
              {"translator.dropout_levels", place<&Config::translator, &TranslatorOptions::dropout_levels>, range(1, 8),
               "Levels that drop, those next to the innermost (unet).", kArchitecture},
              {"translator.upsampling",
               place<&Config::translator, &TranslatorOptions::upsampling>,
               {.words = {"resize", "transposed"}, .other_names = {{"nearest", "resize"}}},
               "How sides double: the nearest pixel and a convolution, or a transposed convolution, which likes to "
               "leave checkerboards.",
               kArchitecture},
              {"translator.ema", place<&Config::translator, &TranslatorOptions::ema>, below(0, 1),
               "Decay per step of the averaged copy that previews and the model file use; 0: no averaging."},
          }),
      [](const Config& config) { check_translator(config.translator); }};
}

}  // namespace forger
