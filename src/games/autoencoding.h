#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "games/adaptive_strength.h"
#include "games/adversary.h"
#include "games/catalog.h"
#include "networks/network.h"
#include "networks/pixel_discriminator.h"

namespace forger {

/// Autoencoding: an encoder learns to find the latent of an image, a generator to make the image again, and codes come
/// to look like the latents that samples are drawn from, so that the generator also makes new images. One game for the
/// VAE (Kingma & Welling 2014, arXiv 1312.6114), the VAE-GAN (Larsen et al. 2016, arXiv 1512.09300), the adversarial
/// autoencoder (Makhzani et al. 2016, arXiv 1511.05644) and alpha-GAN (Rosca et al. 2017, arXiv 1706.04987, algorithm
/// 1): they differ in which of the terms of `AutoencodingOptions` they have.
///
/// The discriminator's opinion teaches the generator only, of reconstructions and samples alike; likeness teaches both
/// generator and encoder; what is asked of codes teaches the encoder. A pixel discriminator learns beside them from the
/// real images and changes nothing for the others.
class AutoencodingGame : public Game {
 public:
  AutoencodingGame(const Config& config, const GameInput& input);

  StepReport step(const StepInput& input) override;
  std::vector<Player*> players() override;
  TensorMap state() override;
  std::string describe() const override;
  std::vector<ModelPart> parts() const override;
  std::unique_ptr<Exhibit> exhibit() const override;
  /// Samples from drawn latents.
  at::Tensor preview(const PreviewInput& input) override;

 private:
  /// What one step looks at, with the graph of encoder and generator.
  struct Scene {
    at::Tensor reals;
    at::Tensor codes;            ///< of the reals, `[N, latent_size]`
    at::Tensor code_loss;        ///< KL divergence, weighted; undefined for adversarial codes
    at::Tensor images;           ///< reconstructions, and behind them samples where there is a discriminator
    at::Tensor reconstructions;  ///< the first part of them
  };

  Scene look(const StepInput& input, StepReport& report);
  bool code_discriminator_turn(const StepInput& input, const Scene& scene, StepReport& report);
  bool pixel_discriminator_turns(const StepInput& input, const Scene& scene, StepReport& report);
  bool autoencoder_turn(const StepInput& input, const Scene& scene, StepReport& report);

  at::Tensor divergence(const at::Tensor& means, const at::Tensor& log_variances, const StepInput& input,
                        StepReport& report) const;
  at::Tensor unlikeness(const Scene& scene) const;
  at::Tensor code_logits(const at::Tensor& codes);

  Config config_;
  GameInput input_;
  bool bfloat16_;
  std::shared_ptr<const Objective> objective_;
  std::shared_ptr<LatentGenerator> generator_, averaged_generator_;  // averaged: null without EMA
  std::shared_ptr<Encoder> encoder_, averaged_encoder_;
  // Null where they do not play.
  std::unique_ptr<Adversary> adversary_;
  std::shared_ptr<Discriminator> code_discriminator_;
  std::shared_ptr<PixelDiscriminator> pixel_discriminator_;
  Player generator_player_, encoder_player_;
  std::optional<Player> code_player_, pixel_player_;
  AdaptiveStrength noise_strength_;  // share of the noise on codes in use, where it is adaptive
};

}  // namespace forger
