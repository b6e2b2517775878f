#pragma once

#include "config/section.h"

namespace forger {

/// The section that the super-resolution game reads beside those of every game.
Section upscaler_section();

/// Throws Error unless the options fit each other: scale and unshuffling, normalisation and network, kernels.
void check_upscaler(const UpscalerOptions& upscaler);

}  // namespace forger
