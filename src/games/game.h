#pragma once

#include <functional>
#include <vector>

#include "core/item_random.h"
#include "data/batches.h"
#include "forger/step_report.h"
#include "players/player.h"

namespace forger {

/// What one step works with.
struct StepInput {
  /// Number of this step, from 1.
  int64_t step = 1;
  /// All that the step draws comes from here.
  ItemRandom random;
  /// The next real images.
  std::function<Batch()> next_batch;
};

/// One training algorithm: its players and what one step does.
class Game {
 public:
  virtual ~Game() = default;

  /// One step of the algorithm. Fills losses, logits, players and `finite` of the report; numbers and times are the
  /// trainer's. If `finite` is false, the update that was not finite and those after it were not applied.
  virtual StepReport step(const StepInput& input) = 0;

  virtual std::vector<Player*> players() = 0;

  /// Everything that a step depends on besides its input, as live tensors by stable names: the players', and what the
  /// game keeps itself.
  virtual TensorMap state();

  /// What the game makes at this moment, for people: float images `[count, C, H, W]`, the same latents at every call
  /// with the same seed; class-conditional games go through the classes. Changes nothing that a step depends on.
  virtual at::Tensor preview(int64_t count, uint64_t seed) = 0;

 protected:
  /// Around the turns of a step: batch statistics that it changes are kept and, unless `report.finite`, put back;
  /// averages follow, and the players report.
  void begin_step();
  void end_step(const StepInput& input, StepReport& report);
};

}  // namespace forger
