#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/item_random.h"
#include "data/batches.h"
#include "forger/step_report.h"
#include "model/model_part.h"
#include "players/player.h"

namespace forger {

class Exhibit;

/// What one step works with.
struct StepInput {
  /// Number of this step, from 1.
  int64_t step = 1;
  /// All that the step draws comes from here.
  ItemRandom random;
  /// The next real images.
  std::function<Batch()> next_batch;
  /// The share of the training's budget that was used up before this step, from 0.
  double budget_used = 0;
};

/// What a picture of the game at one moment is made from.
struct PreviewInput {
  int64_t count = 0;
  /// Of what the game draws: the same seed, the same picture.
  uint64_t seed = 1;
  /// `[count, C, H, W]` in games that make images from images; else undefined.
  at::Tensor sources = {};
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

  /// Checksums (CRC-32C, hexadecimal) of the files that a step depends on, by the key that names each.
  virtual std::map<std::string, std::string> files() const { return {}; }

  /// The networks as tables of layers, for people.
  virtual std::string describe() const = 0;

  /// What a model file keeps of the game: each part's role is the name of a player.
  virtual std::vector<ModelPart> parts() const = 0;

  /// Networks for those who look at the game, to be filled from its state.
  virtual std::unique_ptr<Exhibit> exhibit() const = 0;

  /// In games that go both ways, the same of the way back: it makes the sources' kind of images. Null where there is no
  /// way back.
  virtual std::unique_ptr<Exhibit> exhibit_back() const;

  /// What the game makes at this moment, for people: float images `[count, C, H, W]`; class-conditional games go
  /// through the classes. Changes nothing that a step depends on.
  virtual at::Tensor preview(const PreviewInput& input) = 0;

  /// In games that go both ways, what they make of images that they make: as `preview`, from `input.sources` of the
  /// other kind. Undefined where there is no way back.
  virtual at::Tensor preview_back(const PreviewInput&) { return {}; }

 protected:
  /// Around the turns of a step: batch statistics that it changes are kept and, unless `report.finite`, put back;
  /// averages follow, and the players report.
  void begin_step();
  void end_step(const StepInput& input, StepReport& report);
};

}  // namespace forger
