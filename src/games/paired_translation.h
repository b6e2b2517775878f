#pragma once

#include <memory>
#include <vector>

#include "games/adversary.h"
#include "games/catalog.h"
#include "networks/network.h"

namespace forger {

/// Paired translation: a generator makes images of others, near to the image that each belongs to and so that a
/// discriminator, which sees both, takes them for a real pair (pix2pix, Isola et al. 2017, arXiv 1611.07004). Without a
/// discriminator the pixels' difference is all.
class PairedTranslationGame : public Game {
 public:
  PairedTranslationGame(const Config& config, const GameInput& input);

  StepReport step(const StepInput& input) override;
  std::vector<Player*> players() override;
  TensorMap state() override;
  std::string describe() const override;
  std::vector<ModelPart> parts() const override;
  std::unique_ptr<Exhibit> exhibit() const override;
  at::Tensor preview(const PreviewInput& input) override;

 private:
  bool generator_turn(const StepInput& input, const Batch& batch, const at::Tensor& fakes, StepReport& report);

  Config config_;
  GameInput input_;
  bool bfloat16_;
  std::shared_ptr<ImageGenerator> generator_;
  std::shared_ptr<ImageGenerator> averaged_generator_;  // null without EMA
  Player generator_player_;
  std::unique_ptr<Adversary> adversary_;  // null without a discriminator
};

}  // namespace forger
