#pragma once

#include <memory>

#include "forger/config.h"
#include "games/catalog.h"
#include "networks/network.h"

namespace forger {

/// A generator of the configuration on the game's device, its weights drawn from the seed's stream for them.
/// `classes` is 0 unless class-conditional.
std::shared_ptr<LatentGenerator> new_generator(const Config& config, const GameInput& input, int64_t classes);

/// As `new_generator`; null in a game without a discriminator.
std::shared_ptr<Discriminator> new_discriminator(const Config& config, const GameInput& input, int64_t classes);

}  // namespace forger
