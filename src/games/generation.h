#pragma once

#include <memory>
#include <vector>

#include "games/adversary.h"
#include "games/catalog.h"
#include "networks/network.h"

namespace forger {

/// Image generation: a generator learns to make the discriminator say "real", the discriminator learns real from fake
/// (Goodfellow et al. 2014, arXiv 1406.2661, algorithm 1). The variants differ in objective, penalties and numbers of
/// turns, not here.
class GenerationGame : public Game {
 public:
  GenerationGame(const Config& config, const GameInput& input);

  StepReport step(const StepInput& input) override;
  std::vector<Player*> players() override { return {&generator_player_, &adversary_.player()}; }
  TensorMap state() override;
  std::string describe() const override;
  std::vector<ModelPart> parts() const override;
  std::unique_ptr<Exhibit> exhibit() const override;
  at::Tensor preview(const PreviewInput& input) override;

 private:
  /// A batch in `accumulate` parts, and the fakes of each part that both sides share (or none).
  struct Material {
    std::vector<Batch> reals;
    std::vector<at::Tensor> shared_fakes;
  };

  Material next_material(const StepInput& input, bool share_fakes);
  at::Tensor fakes(const StepInput& input, const at::Tensor& labels, int64_t count);
  /// What the discriminator is shown of it.
  Adversary::Part shown(const StepInput& input, const Material& material);
  bool generator_turn(const StepInput& input, const Material& material, StepReport& report);

  Config config_;
  GameInput input_;
  bool bfloat16_;
  std::shared_ptr<LatentGenerator> generator_;
  std::shared_ptr<LatentGenerator> averaged_generator_;  // null without EMA
  Player generator_player_;
  Adversary adversary_;
};

}  // namespace forger
