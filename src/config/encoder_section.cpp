#include "config/autoencoding_section.h"

#include "config/player_options.h"

namespace forger {
namespace {

void check_encoder(const Config& config) { check_widths("encoder", config.encoder); }

}  // namespace

Section encoder_section() {
  return {"encoder",
          player_options<&Config::encoder>(
              "encoder",
              {
                  {"encoder.network", place<&Config::encoder, &EncoderOptions::network>, words({"mlp", "dcgan"}),
                   "The architecture, image to latent.", kArchitecture},
                  width_option<&Config::encoder>("encoder"),
                  max_width_option<&Config::encoder>("encoder"),
                  {"encoder.depth", place<&Config::encoder, &EncoderOptions::depth>, range(0, 12),
                   "Halvings of resolution (hidden layers for mlp); 0: as many as leave at least 4 pixels a side.",
                   kArchitecture},
                  {"encoder.normalization", place<&Config::encoder, &EncoderOptions::normalization>,
                   words({"batch", "instance", "none"}), "Normalisation between the layers.", kArchitecture},
              }),
          check_encoder};
}

}  // namespace forger
