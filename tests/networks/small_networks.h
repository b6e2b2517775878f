#pragma once

#include <string>

#include "core/random.h"
#include "core/torch.h"
#include "forger/config.h"

namespace forger {

/// Options of networks so narrow that a test runs at once, with a latent of 8 numbers.
inline GeneratorOptions generator_options(const std::string& network) {
  GeneratorOptions options;
  options.network = network;
  options.width = 4;
  options.max_width = 16;
  options.normalization = network == "r3" ? "none" : "batch";
  options.latent_size = 8;
  return options;
}

inline DiscriminatorOptions discriminator_options(const std::string& network) {
  DiscriminatorOptions options;
  options.network = network;
  options.width = 4;
  options.max_width = 16;
  return options;
}

/// `[count, 8]`.
inline at::Tensor latents(int64_t count = 3) { return at::empty({count, 8}).normal_(0, 1, make_random(7)); }

/// 0, 1, 2 … modulo `classes`; undefined without classes.
inline at::Tensor labels(int64_t classes, int64_t count = 3) {
  return classes > 0 ? at::arange(count, at::kLong).remainder(classes) : at::Tensor();
}

}  // namespace forger
