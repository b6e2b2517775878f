#pragma once

#include <memory>
#include <vector>

#include "games/adversary.h"
#include "games/catalog.h"
#include "networks/network.h"
#include "networks/place_heads.h"

namespace forger {

/// One-sided unpaired translation: a generator makes images of others so that a discriminator takes them for real, and
/// so that each place of what is made shows what the same place of its source shows, and no other place of it (CUT,
/// Park et al. 2020, arXiv 2007.15651). There is no way back, and a step costs about half of CycleGAN's.
class OneSidedTranslationGame : public Game {
 public:
  OneSidedTranslationGame(const Config& config, const GameInput& input);

  StepReport step(const StepInput& input) override;
  std::vector<Player*> players() override;
  TensorMap state() override;
  std::string describe() const override;
  std::vector<ModelPart> parts() const override;
  std::unique_ptr<Exhibit> exhibit() const override;
  at::Tensor preview(const PreviewInput& input) override;

 private:
  /// The turn of generator and heads. `made`: of the sources and, behind them, of the images where identity counts.
  bool generator_turn(const StepInput& input, const Batch& batch, const MadeWithLevels& made, StepReport& report);
  /// Of each image: how badly its places are found again in what it was made from.
  at::Tensor contrast(const StepInput& input, const MadeWithLevels& made);

  Config config_;
  GameInput input_;
  bool bfloat16_;
  std::shared_ptr<ImageGenerator> generator_;
  std::shared_ptr<ImageGenerator> averaged_generator_;  // null without EMA
  std::shared_ptr<PlaceHeads> heads_;
  Player generator_player_, heads_player_;
  Adversary adversary_;
};

}  // namespace forger
