#pragma once

#include <memory>

#include "games/catalog.h"
#include "model/model_part.h"
#include "networks/network.h"

namespace forger {

// What games have alike whose generator makes images from latents.

/// A generator of the configuration on the game's device, its weights drawn from the seed's stream for them.
/// `classes` is 0 unless class-conditional.
std::shared_ptr<LatentGenerator> new_generator(const Config& config, const GameInput& input, int64_t classes);

/// The generator in the model file, with its last weights beside averaged ones.
ModelPart generator_part(const Config& config);

/// The images of latents that the preview's seed draws, by the averaged generator or, where it is null, by the other
/// one, which is then left in training mode.
at::Tensor latent_preview(const Config& config, const GameInput& game, const PreviewInput& input,
                          LatentGenerator& generator, LatentGenerator* averaged);

}  // namespace forger
