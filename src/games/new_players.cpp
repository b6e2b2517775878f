#include "games/new_players.h"

#include "core/random.h"
#include "core/torch.h"
#include "networks/catalog.h"

namespace forger {

std::shared_ptr<LatentGenerator> new_generator(const Config& config, const GameInput& input, int64_t classes) {
  auto generator = make_generator(config.generator, input.shape, classes,
                                  make_random(derive_seed(config.training.seed, Stream::generator_weights)));
  generator->to(input.device);
  return generator;
}

std::shared_ptr<Discriminator> new_discriminator(const Config& config, const GameInput& input, int64_t classes) {
  if (!config.has_discriminator()) return nullptr;
  auto discriminator =
      make_discriminator(config.discriminator, input.shape, classes,
                         make_random(derive_seed(config.training.seed, Stream::discriminator_weights)));
  discriminator->to(input.device);
  return discriminator;
}

}  // namespace forger
