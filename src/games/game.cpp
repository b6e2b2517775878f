#include "games/game.h"

namespace forger {

TensorMap Game::state() {
  TensorMap tensors;
  for (const Player* player : players()) tensors.merge(player->state());
  return tensors;
}

}  // namespace forger
