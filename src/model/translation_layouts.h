#pragma once

#include "model/layouts.h"

namespace forger {

/// The generators of pytorch-CycleGAN-and-pix2pix: "resnet_9blocks", "resnet_6blocks" and others of their kind, with
/// dropout and without.
CommunityNetwork take_cyclegan_resnet(NamedTensors weights);

/// "unet_256", "unet_128" and others of their kind.
CommunityNetwork take_pix2pix_unet(NamedTensors weights);

/// Whether weights without the prefixes of their names are those of a discriminator of that program, or of one like it:
/// a row of convolutions, of which the last gives one number for each place.
bool are_of_a_discriminator(const NamedTensors& weights);

}  // namespace forger
