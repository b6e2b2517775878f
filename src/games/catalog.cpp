#include "games/catalog.h"

#include "core/fail.h"
#include "core/torch.h"
#include "games/autoencoding.h"
#include "games/generation.h"

namespace forger {

std::unique_ptr<Game> make_game(const Config& config, const GameInput& input) {
  if (config.game == "generation") return std::make_unique<GenerationGame>(config, input);
  if (config.game == "autoencoding") return std::make_unique<AutoencodingGame>(config, input);
  fail("game: received \"{}\", accepted: generation, autoencoding", config.game);
}

}  // namespace forger
