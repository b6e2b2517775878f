#include "config/option_helpers.h"
#include "config/player_options.h"
#include "config/sections.h"

namespace forger {
namespace {

void check_discriminator(const Config& config) { check_widths("discriminator", config.discriminator); }

}  // namespace

Section discriminator_section() {
  return {"discriminator",
          player_options<&Config::discriminator>(
              "discriminator",
              {
                  {"discriminator.network", place<&Config::discriminator, &DiscriminatorOptions::network>,
                   words({"mlp", "dcgan", "resnet", "r3", "pytorch-gan", "vgg", "unet", "patch"}),
                   "The architecture, image to one logit; unet: to one for each pixel; patch: to one for each part.",
                   kArchitecture},
                  width_option<&Config::discriminator>("discriminator"),
                  max_width_option<&Config::discriminator>("discriminator"),
                  {"discriminator.depth", place<&Config::discriminator, &DiscriminatorOptions::depth>, range(0, 12),
                   "Halvings of resolution (hidden layers for mlp); 0: as many as leave at least 4 pixels a side; for "
                   "patch 3, which judges parts of 70 pixels.",
                   kArchitecture},
                  {"discriminator.normalization", place<&Config::discriminator, &DiscriminatorOptions::normalization>,
                   words({"batch", "instance", "none"}),
                   "Normalisation between the layers; batch does not go with gradient penalties.", kArchitecture},
                  {"discriminator.spectral_norm",
                   place<&Config::discriminator, &DiscriminatorOptions::spectral_norm>,
                   {},
                   "Divides every weight by its largest singular value (Miyato et al. 2018).",
                   kArchitecture},
                  {"discriminator.dropout", place<&Config::discriminator, &DiscriminatorOptions::dropout>, below(0, 1),
                   "Probability with which a channel is dropped after each block."},
                  {"discriminator.rotations", place<&Config::discriminator, &DiscriminatorOptions::rotations>,
                   range(0, 1e6),
                   "Weight of a second question: by how many quarters was a real image rotated? 0: not asked.",
                   kArchitecture, "discriminator.turns"},
              }),
          check_discriminator};
}

}  // namespace forger
