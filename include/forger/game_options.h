#pragma once

#include <cstdint>
#include <string>

namespace forger {

/// What the autoencoding game asks of encoder and generator. The generator is the decoder.
struct AutoencodingOptions {
  /// Weight of the likeness of an image and its reconstruction; 0: none.
  double reconstruction = 1;
  /// How likeness is measured: "likelihood" (nats an image of a Gaussian with its best variance, Rybkin et al. 2021,
  /// arXiv 2006.13202), "absolute" or "squared" (mean of the pixels' differences in [-1, 1]).
  std::string distance = "likelihood";
  /// Weight of the mean squared difference in the discriminator's features (VAE-GAN, Larsen et al. 2016, arXiv
  /// 1512.09300).
  double features = 0;
  /// Weight of the discriminator's opinion of reconstructions and samples in the generator's loss; 0: no discriminator.
  double adversary = 0;
  /// How codes come to the distribution of the latent: "kl" (variational: the encoder gives a Gaussian for each image,
  /// Kingma & Welling 2014, arXiv 1312.6114) or "adversarial" (a discriminator on codes, Makhzani et al. 2016, arXiv
  /// 1511.05644).
  std::string codes = "kl";
  /// Standard deviation of noise that adversarial codes get in training: the encoder then fills the latent around each
  /// code instead of drawing a thin sheet through it, and a normal latent's codes need only the variance that is left.
  double code_noise = 0;
  /// `code_noise` is then where it starts and the most: it goes down as far as the discriminator on codes still tells
  /// no more than three in five from drawn latents, so that codes say as much as a filled latent lets them.
  bool adaptive_code_noise = false;
  /// Weight of the mismatch between adversarial codes and latents of a batch (a maximum mean discrepancy, Tolstikhin et
  /// al. 2018, arXiv 1711.01558), beside the discriminator's opinion: holds what that one lets drift; 0: none.
  double code_mismatch = 0;
  /// Weight of what is asked of codes; for "kl" it grows linearly over the first `warmup_steps`.
  double code_weight = 1;
  int64_t warmup_steps = 0;
  /// Nats for each number of the latent below which "kl" asks for nothing (free bits, Kingma et al. 2016, arXiv
  /// 1606.04934).
  double free_bits = 0;

  bool operator==(const AutoencodingOptions&) const = default;
};

/// What the model file carries to tell normal images from others (autoencoding with a discriminator).
struct DetectorOptions {
  /// Training images that it learns from what is normal; 0: it carries no detector.
  int64_t normals = 0;

  bool operator==(const DetectorOptions&) const = default;
};

/// What the game super-resolution asks of its generator.
struct SuperResolutionOptions {
  /// Weight of the pixels' difference from the truth, and how it is measured: "absolute" or "squared" (the mean in
  /// [-1, 1]).
  double pixels = 1;
  std::string distance = "absolute";
  /// Weight of the discriminator's opinion; 0: no discriminator, and the highest signal-to-noise ratio.
  double adversary = 0;
  /// Weight of the mean absolute difference in the discriminator's features, in units of their mean size.
  double features = 0;
  /// A file with VGG-19's weights as torchvision has them (.pth or .safetensors), whose features, before the activation
  /// of conv5_4, then take the place of the discriminator's.
  std::string perceptual_weights = {};
  /// The share of the budget in which only pixels count, before the discriminator joins, 0 to below 1.
  double pixel_phase = 0.5;

  bool operator==(const SuperResolutionOptions&) const = default;
};

/// What the game paired translation asks of its generator.
struct TranslationOptions {
  /// Weight of the pixels' mean absolute difference from the truth, in [-1, 1].
  double pixels = 100;
  /// Weight of the discriminator's opinion; 0: no discriminator.
  double adversary = 1;

  bool operator==(const TranslationOptions&) const = default;
};

/// What the game unpaired translation asks of its two generators (CycleGAN, Zhu et al. 2017, arXiv 1703.10593).
struct CycleOptions {
  /// Weight of the discriminators' opinions.
  double adversary = 1;
  /// Weight of the mean absolute difference, in [-1, 1], between an image and what comes of it there and back.
  double way_back = 10;
  /// Weight of the difference between an image and its translation to the kind that it already is; counts where both
  /// kinds have as many channels.
  double identity = 5;
  /// Earlier fakes of each generator that are kept for its discriminator; 0: none.
  int64_t pool = 50;

  bool operator==(const CycleOptions&) const = default;
};

/// What the game one-sided translation asks of its generator (CUT, Park et al. 2020, arXiv 2007.15651).
struct ContrastOptions {
  /// Weight of the discriminator's opinion.
  double adversary = 1;
  /// Weights of the contrast between what is made and its source, and between an image and its translation to the kind
  /// that it already is; without the latter the generator has half of the work.
  double weight = 0.5;
  double identity = 0.5;
  /// Places of an image that are compared in each level.
  int64_t places = 256;
  /// Numbers that describe a place.
  int64_t width = 256;
  /// Of the softmax over places.
  double temperature = 0.07;

  bool operator==(const ContrastOptions&) const = default;
};

/// The adversarial loss and its penalties.
struct ObjectiveOptions {
  /// "minimax", "non-saturating", "density-ratio", "least-squares", "wasserstein", "wasserstein-gp", "hinge",
  /// "relativistic" or "relativistic-average".
  std::string name = "non-saturating";
  /// Target for reals in minimax, non-saturating, density-ratio and least-squares losses: 1 - label_smoothing
  /// (one-sided).
  double label_smoothing = 0;
  /// Wasserstein: every critic weight is clipped to [-clip, clip] after its turn.
  double clip = 0.01;
  /// Weights of the penalties: gamma/2 * E|grad D(real)|^2, the same on fakes, and E(|grad D(mix)| - 1)^2.
  double r1 = 0;
  double r2 = 0;
  double gradient_penalty = 0;
  /// Applies the penalties in every k-th step only, multiplied by k (lazy regularisation, Karras et al. 2020); Adam's
  /// learning rate and decay rates are rescaled by k/(k+1).
  int64_t penalty_every = 1;

  bool operator==(const ObjectiveOptions&) const = default;
};

/// Probabilities, 0 to 1, with which the discriminator's input is changed, real and fake alike (differentiably).
struct AugmentationOptions {
  double flip = 0;
  /// Shifts by up to an eighth of the side.
  double translation = 0;
  /// Brightness, saturation and contrast.
  double color = 0;
  /// Blanks a square of half the side.
  double cutout = 0;
  /// Not a probability: standard deviation of noise that every image gets, in units of the range [-1, 1] (instance
  /// noise).
  double noise = 0;
  /// All of the above are then the most: they grow from 0 with how surely the discriminator knows its training images
  /// by heart (adaptive discriminator augmentation, Karras et al. 2020, arXiv 2006.06676).
  bool adaptive = false;

  bool operator==(const AugmentationOptions&) const = default;
};

}  // namespace forger
