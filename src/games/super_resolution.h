#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "games/adversary.h"
#include "games/catalog.h"
#include "networks/network.h"
#include "networks/vgg19.h"

namespace forger {

/// Super-resolution: a generator makes images of small ones, first by the pixels' difference from the truth alone, then
/// so that a discriminator says "real" too (SRGAN, Ledig et al. 2017, arXiv 1609.04802; ESRGAN, Wang et al. 2018, arXiv
/// 1809.00219). Without a discriminator the first part is all.
class SuperResolutionGame : public Game {
 public:
  SuperResolutionGame(const Config& config, const GameInput& input);

  StepReport step(const StepInput& input) override;
  std::vector<Player*> players() override;
  TensorMap state() override;
  std::map<std::string, std::string> files() const override { return files_; }
  std::string describe() const override;
  std::vector<ModelPart> parts() const override;
  std::unique_ptr<Exhibit> exhibit() const override;
  at::Tensor preview(const PreviewInput& input) override;

 private:
  bool generator_turn(const StepInput& input, const Batch& batch, const at::Tensor& fakes, bool adversarial,
                      StepReport& report);
  /// The discriminator's part of the generator's loss.
  at::Tensor opinion(const StepInput& input, const Batch& batch, const at::Tensor& fakes, StepReport& report);
  /// Features of the perceptual network or, without one, of the discriminator, level by level.
  std::vector<at::Tensor> levels(const at::Tensor& images);
  at::Tensor features_difference(const at::Tensor& fakes, const at::Tensor& reals);

  Config config_;
  GameInput input_;
  bool bfloat16_;
  std::shared_ptr<ImageGenerator> generator_;
  std::shared_ptr<ImageGenerator> averaged_generator_;  // null without EMA
  Player generator_player_;
  std::unique_ptr<Adversary> adversary_;  // null without a discriminator
  std::map<std::string, std::string> files_;
  std::unique_ptr<const Vgg19> perceptual_;  // null where the discriminator's features count
};

}  // namespace forger
