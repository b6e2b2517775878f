#pragma once

#include "config/section.h"

namespace forger {

/// The sections that the autoencoding game reads beside those of every game.
Section encoder_section();
Section code_discriminator_section();
Section pixel_discriminator_section();
Section autoencoding_section();
Section detector_section();

/// Throws Error unless the game can play this: each side once a step, on whole batches, without penalties.
void check_autoencoding(const Config& config);

}  // namespace forger
