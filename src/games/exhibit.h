#pragma once

#include <memory>
#include <string>

#include "games/catalog.h"
#include "networks/network.h"
#include "players/optimizer.h"

namespace forger {

/// What the discriminator gives the generator to learn from, measured on fakes.
struct LearningSignal {
  /// Mean |dL_G/dlogit| an image, 0 to about 1: what the objective leaves of the discriminator's answer.
  double at_logits = 0;
  /// Mean |dL_G/dx| an image: what arrives at the generator's output.
  double at_images = 0;
  /// Cosine between the generator's weight gradients of two halves of the batch: around 0, they are noise.
  double agreement = 0;
  /// E|dD/dx| on fakes over the same on reals.
  double slope_ratio = 1;
};

/// Copies of a game's generator and, where one plays, its discriminator at one moment, for those who look at the game
/// without touching it: weights, batch statistics and random states of the game stay as they are whatever is done here.
class Exhibit {
 public:
  Exhibit(const Config& config, const GameInput& input);

  /// Copies weights and buffers from a game's state ("generator.network.*", "generator.averaged.*",
  /// "discriminator.network.*"), live or from a checkpoint.
  void show(const TensorMap& state);
  /// Replaces the discriminator only, by what `discriminator_state` returned earlier.
  void show_discriminator(const TensorMap& state);
  TensorMap discriminator_state() const;

  /// Latents `[count, latent_size]` of the game's distribution.
  at::Tensor draw_latents(int64_t count, ItemRandom random) const;
  /// Images of latents, float32 `[N, C, H, W]` on the CPU; labels int64 `[N]` for class-conditional games, else
  /// undefined. `averaged`: with the averaged weights where the game averages.
  at::Tensor generate(const at::Tensor& latents, const at::Tensor& labels, bool averaged);
  /// Logits `[N]` on the CPU, in batches of the training's size and with batch statistics as in training (each batch
  /// wholly real or wholly fake), without dropout and augmentation.
  at::Tensor logits(const at::Tensor& images, const at::Tensor& labels);
  /// Computed in float32 on as many fakes as there are reals.
  LearningSignal learning_signal(const at::Tensor& reals, const at::Tensor& latents, const at::Tensor& labels);

  /// Whether a discriminator plays. Where none does, `logits`, `learning_signal` and `show_discriminator` must not be
  /// called.
  bool has_discriminator() const { return discriminator_ != nullptr; }
  const Objective& objective() const { return *objective_; }
  int64_t classes() const { return classes_; }

 private:
  Config config_;
  c10::Device device_;
  int64_t classes_;
  bool bfloat16_;
  std::shared_ptr<const Objective> objective_;
  std::shared_ptr<LatentGenerator> generator_;
  std::shared_ptr<LatentGenerator> averaged_generator_;  // null without EMA
  std::shared_ptr<Discriminator> discriminator_;         // null where none plays
};

}  // namespace forger
