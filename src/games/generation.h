#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "games/adaptive_augmentation.h"
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
  std::vector<Player*> players() override { return {&generator_player_, &discriminator_player_}; }
  TensorMap state() override;
  at::Tensor preview(int64_t count, uint64_t seed) override;

 private:
  /// A batch in `accumulate` parts, and the fakes of each part that both sides share (or none).
  struct Material {
    std::vector<Batch> reals;
    std::vector<at::Tensor> shared_fakes;
  };

  Material next_material(const StepInput& input, bool share_fakes);
  at::Tensor fakes(const StepInput& input, const at::Tensor& labels, int64_t count);

  bool discriminator_turn(const StepInput& input, const Material& material, StepReport& report);
  bool penalty_turn(const StepInput& input, const Material& material, StepReport& report);
  bool generator_turn(const StepInput& input, const Material& material, StepReport& report);

  /// Logits `[N]` of images as the discriminator sees them in training, augmented.
  at::Tensor logits(const StepInput& input, const at::Tensor& images, const at::Tensor& labels);
  /// Logits of reals and fakes, in one pass where the discriminator treats each image by itself.
  std::pair<at::Tensor, at::Tensor> logits_of_both(const StepInput& input, const Batch& reals, const at::Tensor& fakes);
  /// The sum of the penalties that the objective asks for, in float32.
  at::Tensor penalties(const StepInput& input, const Batch& reals, const at::Tensor& fakes, double factor,
                       StepReport& report);

  Config config_;
  c10::Device device_;
  int64_t classes_;
  bool bfloat16_;
  std::shared_ptr<const Objective> objective_;
  std::shared_ptr<LatentGenerator> generator_;
  std::shared_ptr<LatentGenerator> averaged_generator_;  // null without EMA
  std::shared_ptr<Discriminator> discriminator_;
  Player generator_player_;
  Player discriminator_player_;
  AdaptiveAugmentation augmentation_;
};

}  // namespace forger
