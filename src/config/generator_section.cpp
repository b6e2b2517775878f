#include "config/option_helpers.h"
#include "config/player_options.h"
#include "config/sections.h"

namespace forger {
namespace {

void check_generator(const Config& config) { check_widths("generator", config.generator); }

}  // namespace

Section generator_section() {
  return {
      "generator",
      player_options<&Config::generator>(
          "generator",
          {
              {"generator.network", place<&Config::generator, &GeneratorOptions::network>,
               words({"mlp", "dcgan", "resnet", "r3", "pytorch-gan"}), "The architecture, latent to image.",
               kArchitecture},
              width_option<&Config::generator>("generator"),
              max_width_option<&Config::generator>("generator"),
              {"generator.depth", place<&Config::generator, &GeneratorOptions::depth>, range(0, 12),
               "Doublings of resolution (hidden layers for mlp); 0: as many as leave at least 4 pixels a side.",
               kArchitecture},
              {"generator.upsampling", place<&Config::generator, &GeneratorOptions::upsampling>,
               words({"transposed", "nearest", "bilinear"}),
               "How resolution doubles: transposed convolution, or enlarging followed by a convolution.",
               kArchitecture},
              {"generator.normalization", place<&Config::generator, &GeneratorOptions::normalization>,
               words({"batch", "none"}), "Normalisation between the layers.", kArchitecture},
              {"generator.latent_size", place<&Config::generator, &GeneratorOptions::latent_size>, range(1, 65536),
               "Numbers in a latent.", kArchitecture},
              {"generator.convolutional_latent",
               place<&Config::generator, &GeneratorOptions::convolutional_latent>,
               {},
               "The latent is a small picture of the size of the network's first grid (dcgan only): for large images.",
               kArchitecture},
              {"generator.latent", place<&Config::generator, &GeneratorOptions::latent>, words({"normal", "uniform"}),
               "Distribution of the latent: normal (0, 1) or uniform (-1, 1).", kArchitecture},
              {"generator.ema", place<&Config::generator, &GeneratorOptions::ema>, below(0, 1),
               "Decay per step of the averaged copy that previews, samples and the model file use; 0: no "
               "averaging."},
              {"generator.first_step", place<&Config::generator, &GeneratorOptions::first_step>, range(1, 1e12),
               "The step with which its turns begin; before it, only the discriminator learns."},
          }),
      check_generator};
}

}  // namespace forger
