#pragma once

#include <ATen/core/Generator.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <string_view>

namespace forger {

/// What one stream of randomness is for. The same seed gives independent streams to independent purposes.
enum class Stream : uint64_t {
  generator_weights = 1,
  discriminator_weights,
  step,        ///< all randomness inside one training step
  data_order,  ///< the permutation of one epoch
  data_augmentation,
  held_out,  ///< which images are held out
  preview,
  sample,
  synthetic,
  referee,  ///< what a check draws
  referee_set_up,
  encoder_weights,
  code_discriminator_weights,
  inversion,  ///< the starts of a search for one image's latent
  pixel_discriminator_weights,
  foreign_parts,  ///< which parts of images are replaced in one step, and by what
  item_draw,      ///< one draw of an ItemRandom
  data_draw,      ///< what an item of a data set that varies is drawn from
  sides,          ///< which images are of which side, where they could be of both
  heads_weights,
};

/// A 64-bit seed that is a pure function of its inputs (SplitMix64 mixing). Randomness of step k is derived from
/// (seed, k), so a checkpoint needs no random state: step k draws the same numbers whether or not the run was stopped.
uint64_t derive_seed(uint64_t seed, Stream stream, uint64_t index = 0);

/// A generator of its own on the given device; never the global one.
at::Generator make_random(uint64_t seed, c10::Device device = c10::kCPU);

}  // namespace forger
