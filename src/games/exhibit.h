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

/// What images are made from, a row each; what a game does not know is undefined.
struct Origins {
  at::Tensor latents = {};  ///< `[N, latent_size]`
  at::Tensor sources = {};  ///< float `[N, C, H, W]` in [-1, 1]
  at::Tensor labels = {};   ///< int64 `[N]`

  int64_t count() const { return (latents.defined() ? latents : sources).size(0); }
  /// `count` rows from `first` on.
  Origins rows(int64_t first, int64_t count) const;
  Origins to(c10::Device device) const;
};

/// Copies of a game's generator and, where one plays, its discriminator at one moment, for those who look at the game
/// without touching it: weights, batch statistics and random states of the game stay as they are whatever is done here.
/// Each game makes its own (`Game::exhibit`).
class Exhibit {
 public:
  virtual ~Exhibit() = default;

  /// Copies weights and buffers from a game's state ("generator.network.*", "generator.averaged.*",
  /// "discriminator.network.*"; of another way the players' names end in its name), live or from a checkpoint.
  void show(const TensorMap& state);
  /// Replaces the discriminator only, by what `discriminator_state` returned earlier.
  void show_discriminator(const TensorMap& state);
  TensorMap discriminator_state() const;

  /// What the game makes fakes from: drawn from its distribution, where it draws, and `given`, sources and labels of
  /// real images, as far as it uses them.
  virtual Origins draw_origins(int64_t count, const ItemRandom& random, const Origins& given) const = 0;
  /// Whether what it makes is to look like the data as a whole (condition 2), and whether each image has a truth of its
  /// own, the real image whose source it was made from. Where neither is so, the samples cannot be judged.
  virtual bool imitates_data() const { return true; }
  virtual bool has_truths() const { return false; }
  /// Whether what images are made from are images, too, which can be compared with them; label maps are none.
  virtual bool has_image_sources() const { return true; }
  /// Whether it makes images of one kind of images of another, of the same size, so that each should follow its source
  /// and be no copy of it.
  virtual bool translates() const { return false; }

  /// Images, float32 `[N, C, H, W]` on the CPU. `averaged`: with the averaged weights where the game averages.
  at::Tensor generate(const Origins& origins, bool averaged);
  /// Logits `[N]` on the CPU of images with these origins, in batches of the training's size and with batch statistics
  /// as in training (each batch wholly real or wholly fake), without dropout and augmentation; of patches their mean.
  at::Tensor logits(const at::Tensor& images, const Origins& origins);
  /// Logits `[N]` on the CPU of images that stand alone: batch normalisation goes by the averages of training. Not of
  /// games whose discriminator is shown images with their sources.
  at::Tensor lone_logits(const at::Tensor& images, const at::Tensor& labels);
  /// Computed in float32 on as many fakes as there are reals.
  LearningSignal learning_signal(const at::Tensor& reals, const Origins& origins);

  /// Whether a discriminator plays. Where none does, `logits`, `lone_logits`, `learning_signal` and
  /// `show_discriminator` must not be called.
  bool has_discriminator() const { return discriminator_ != nullptr; }
  const Objective& objective() const { return *objective_; }
  /// 0 unless class-conditional.
  int64_t classes() const { return classes_; }

 protected:
  /// Of two generators alike, freshly made; `averaged` is null without EMA. `shape`: of what the discriminator is
  /// shown. `way`: what the names of the way's players end in, "-back" for the way back of games that go both ways.
  Exhibit(const Config& config, const GameInput& input, std::shared_ptr<Network> generator,
          std::shared_ptr<Network> averaged, const ImageShape& shape, const std::string& way = "");

  /// One forward pass, on the device.
  virtual at::Tensor make(Network& generator, const Origins& origins) = 0;
  /// What the discriminator is shown of images with these origins, on the device.
  virtual at::Tensor seen(const at::Tensor& images, const Origins&) const { return images; }

  const Config& config() const { return config_; }

 private:
  at::Tensor answers(const at::Tensor& images, const Origins& origins);
  /// Dropout and spectral norm's power iteration rest; batch normalisation keeps to the batch, as in training.
  void answer_as_in_training();

  Config config_;
  c10::Device device_;
  int64_t classes_;
  bool bfloat16_;
  std::shared_ptr<const Objective> objective_;
  std::shared_ptr<Network> generator_, averaged_generator_;
  std::shared_ptr<Discriminator> discriminator_;  // null where none plays
  std::string of_generator_, of_discriminator_;   // what the names of their tensors begin with
};

/// Of games whose generator makes images from latents.
class LatentExhibit : public Exhibit {
 public:
  LatentExhibit(const Config& config, const GameInput& input);
  Origins draw_origins(int64_t count, const ItemRandom& random, const Origins& given) const override;

 protected:
  at::Tensor make(Network& generator, const Origins& origins) override;
};

}  // namespace forger
