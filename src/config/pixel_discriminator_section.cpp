#include "config/autoencoding_section.h"

#include "config/player_options.h"
#include "core/fail.h"

namespace forger {
namespace {

void check_pixel_discriminator(const Config& config) {
  if (config.pixel_discriminator.width == 0 || config.detector.normals > 0) return;
  fail("pixel_discriminator.width: received {}, accepted: 0, or detector.normals above 0: only a detector asks it",
       config.pixel_discriminator.width);
}

}  // namespace

Section pixel_discriminator_section() {
  return {"pixel_discriminator",
          player_options<&Config::pixel_discriminator>(
              "pixel_discriminator",
              {{"pixel_discriminator.width", place<&Config::pixel_discriminator, &PixelDiscriminatorOptions::width>,
                range(0, 1024),
                "Channels of the network that tells which pixels are foreign to an image; 0: it does not play.",
                kArchitecture}}),
          check_pixel_discriminator};
}

}  // namespace forger
