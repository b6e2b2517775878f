#pragma once

#include "forger/config.h"

namespace forger {

/// Whether R1, R2 and the gradient penalty have a meaning for this discriminator. Batch normalisation makes a logit
/// depend on the other images, and then an image's own gradient, which penalties are about, says nothing (Gulrajani et
/// al. 2017, section 4).
inline bool takes_penalties(const DiscriminatorOptions& discriminator) {
  return discriminator.normalization != "batch";
}

}  // namespace forger
