#pragma once

#include "forger/config.h"

namespace forger {

/// An encoder's layers in the words of a discriminator, whose trunk it shares.
inline DiscriminatorOptions trunk_options(const EncoderOptions& options) {
  DiscriminatorOptions trunk;
  trunk.width = options.width;
  trunk.max_width = options.max_width;
  trunk.depth = options.depth;
  trunk.normalization = options.normalization;
  return trunk;
}

}  // namespace forger
