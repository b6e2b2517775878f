#include "games/game.h"

#include "games/exhibit.h"

namespace forger {

std::unique_ptr<Exhibit> Game::exhibit_back() const { return nullptr; }

TensorMap Game::state() {
  TensorMap tensors;
  for (const Player* player : players()) tensors.merge(player->state());
  return tensors;
}

void Game::begin_step() {
  for (Player* player : players()) player->keep_buffers();
}

void Game::end_step(const StepInput& input, StepReport& report) {
  for (Player* player : players()) {
    if (report.finite) {
      player->update_average(input.step);
    } else {
      player->restore_buffers();
    }
    report.players.push_back(player->report());
  }
}

}  // namespace forger
