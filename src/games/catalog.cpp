#include "games/catalog.h"

#include "config/game_table.h"
#include "core/fail.h"
#include "core/text.h"
#include "core/torch.h"
#include "games/autoencoding.h"
#include "games/generation.h"
#include "games/paired_translation.h"
#include "games/super_resolution.h"

namespace forger {

std::unique_ptr<Game> make_game(const Config& config, const GameInput& input) {
  if (config.game == "generation") return std::make_unique<GenerationGame>(config, input);
  if (config.game == "autoencoding") return std::make_unique<AutoencodingGame>(config, input);
  if (config.game == "super-resolution") return std::make_unique<SuperResolutionGame>(config, input);
  if (config.game == "paired-translation") return std::make_unique<PairedTranslationGame>(config, input);
  fail("game: received \"{}\", accepted: {}", config.game, join(game_names()));
}

}  // namespace forger
