#pragma once

#include <cstdint>
#include <string>

namespace forger {

/// What both networks' optimisers share.
struct OptimizerOptions {
  /// "adam", "rmsprop" or "sgd".
  std::string optimizer = "adam";
  double learning_rate = 2e-4;
  /// Adam's decay rates; `beta2` is also RMSprop's smoothing constant; `beta1` is SGD's momentum.
  double beta1 = 0.5;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  /// Turns in each step: two time scales by number. The critic of Wasserstein objectives takes 5.
  int64_t turns_per_step = 1;

  bool operator==(const OptimizerOptions&) const = default;
};

/// The generator and its player.
struct GeneratorOptions : OptimizerOptions {
  /// "mlp", "dcgan", "resnet", "r3", or "pytorch-gan" (that repository's network, layer for layer).
  std::string network = "dcgan";
  /// Channels of the layer next to the image; each level below has twice as many, up to `max_width`.
  int64_t width = 64;
  int64_t max_width = 512;
  /// Doublings of resolution (hidden layers for "mlp"); 0: as many as leave at least 4 pixels a side.
  int64_t depth = 0;
  /// How resolution doubles: "transposed" convolution, "nearest" or "bilinear" followed by a convolution.
  std::string upsampling = "transposed";
  /// "batch" or "none".
  std::string normalization = "batch";
  /// Numbers in a latent.
  int64_t latent_size = 128;
  /// The latent is a small picture as large as the network's first grid, latent_size / (height * width) channels, and
  /// enters through a convolution: each of its places stands for a part of the image. For large images; "dcgan" only.
  bool convolutional_latent = false;
  /// "normal" (0, 1) or "uniform" (-1, 1).
  std::string latent = "normal";
  /// Decay of the averaged copy that previews, samples and the model file use, per step; 0: no averaging. It warms up
  /// as min(ema, (1 + step) / (10 + step)).
  double ema = 0.999;
  /// Its turns begin with this step; until then only the discriminator learns, to catch up after a change of loss.
  int64_t first_step = 1;

  bool operator==(const GeneratorOptions&) const = default;
};

/// The discriminator (critic) and its player.
struct DiscriminatorOptions : OptimizerOptions {
  /// "mlp", "dcgan", "resnet", "r3", "pytorch-gan", "vgg" (as super-resolution has it), "unet", which judges each
  /// pixel, or "patch", which judges overlapping parts (pix2pix; of 70 pixels with depth 3).
  std::string network = "dcgan";
  int64_t width = 64;
  int64_t max_width = 512;
  int64_t depth = 0;
  /// "batch", "instance" or "none". Batch normalisation does not go with a gradient penalty.
  std::string normalization = "none";
  /// Divides every weight by its largest singular value (Miyato et al. 2018).
  bool spectral_norm = false;
  /// Probability with which a channel is dropped after each block, 0 to 1.
  double dropout = 0;
  /// Weight of a second question about real images, by how many quarters they were rotated (self-supervised GAN,
  /// Chen et al. 2019, arXiv 1811.11212); 0: not asked. Autoencoding with the networks "mlp" and "dcgan".
  double rotations = 0;

  bool operator==(const DiscriminatorOptions&) const = default;
};

/// The encoder and its player (autoencoding). Its averaged copy has the decay of `GeneratorOptions::ema`.
struct EncoderOptions : OptimizerOptions {
  /// "mlp" or "dcgan".
  std::string network = "dcgan";
  int64_t width = 64;
  int64_t max_width = 512;
  int64_t depth = 0;
  /// "batch", "instance" or "none".
  std::string normalization = "batch";

  bool operator==(const EncoderOptions&) const = default;
};

/// The discriminator on codes and its player (autoencoding): a multi-layer perceptron that tells latents that were
/// drawn from those that the encoder made.
struct CodeDiscriminatorOptions : OptimizerOptions {
  /// Numbers in a hidden layer, and how many of these there are.
  int64_t width = 256;
  int64_t depth = 2;

  bool operator==(const CodeDiscriminatorOptions&) const = default;
};

/// The discriminator on pixels and its player (autoencoding): a small U-Net that tells which pixels of an image are
/// foreign to it (U-Net GAN, Schönfeld et al. 2020, arXiv 2002.12655). It learns from real images of which a part was
/// replaced, and a detector asks it where an image is strange.
struct PixelDiscriminatorOptions : OptimizerOptions {
  /// Channels at full resolution; each level below has twice as many, up to four times. 0: it does not play.
  int64_t width = 0;

  bool operator==(const PixelDiscriminatorOptions&) const = default;
};

/// The generator of super-resolution, which makes larger images of images, and its player.
struct UpscalerOptions : OptimizerOptions {
  /// "srresnet" (Ledig et al. 2017), "rrdbnet" (ESRGAN), "compact" (SRVGGNetCompact), "span",
  /// "realplksr", "swinir" or "dat".
  std::string network = "srresnet";
  /// Sides of what comes out over sides of what goes in: 1, 2, 3, 4 or 8.
  int64_t scale = 4;
  /// Channels between the layers.
  int64_t features = 64;
  /// Residual blocks; for "compact" the convolutions between the first and the last.
  int64_t blocks = 16;
  /// "swinir" and "dat": pairs of attention and of what follows it in each block.
  int64_t depth = 6;
  /// "rrdbnet": channels that each convolution of a dense block adds.
  int64_t growth = 32;
  /// "rrdbnet" and "swinir": squares of so many pixels a side become channels of one pixel before the network
  /// (Real-ESRGAN's networks for scales 1 and 2, Wang et al. 2021): 1, 2 or 4.
  int64_t unshuffle = 1;
  /// Side of the kernels next to the images ("srresnet") or of the large kernels ("realplksr"); odd.
  int64_t kernel = 9;
  /// "realplksr": channels that the large kernels see.
  int64_t partial = 16;
  /// "realplksr": whether each block weighs its numbers one by one (element-wise attention).
  bool attention = true;
  /// "swinir" and "dat": side of the windows in which places look at each other. With 7 "swinir" knows colours as 0 to
  /// 255, as people's weights with such windows do.
  int64_t window = 8;
  /// "dat": the other side of its windows, which lie for one half of the heads and stand for the other.
  int64_t window_width = 16;
  /// "swinir" and "dat": so many heads share the features and look at other places each.
  int64_t heads = 4;
  /// "swinir" and "dat": channels inside what follows each attention.
  int64_t hidden = 128;
  /// "swinir" and "dat": convolutions at the end of each block, 1 or 3.
  int64_t end_convolutions = 1;
  /// Between the layers of "srresnet" and "compact": "prelu", "relu" or "leaky-relu" with slope 0.1.
  std::string activation = "prelu";
  /// "none"; "batch" for "srresnet", "group" or "layer" for "realplksr".
  std::string normalization = "none";
  /// How "realplksr", "swinir" and "dat" make pixels of their last channels: "shuffle"; "dysample" of "realplksr" (Liu
  /// et al. 2023, arXiv 2308.15085); "direct" of "swinir" and "dat", in one step; of "swinir" "nearest", or at scale 1
  /// "none", which adds to the image.
  std::string upsampling = "shuffle";
  /// "span": takes the mean colour of photographs off what goes in, in the range 0 to 255, as its authors do.
  bool centred = false;
  /// What the network's answer is added to: "none", or the image enlarged by "nearest", "bilinear" or "bicubic"
  /// interpolation. "realplksr" always adds to the nearest pixel, "swinir" and "dat" to nothing.
  std::string base = "nearest";
  /// Decay of the averaged copy that previews and the model file use, as in GeneratorOptions.
  double ema = 0.999;

  bool operator==(const UpscalerOptions&) const = default;
};

/// The generator of translation, which makes an image of another kind of each image, and its player.
struct TranslatorOptions : OptimizerOptions {
  /// "unet" (pix2pix, Isola et al. 2017, arXiv 1611.07004) or "resnet" (Johnson et al. 2016, arXiv 1603.08155, as
  /// CycleGAN has it, Zhu et al. 2017, arXiv 1703.10593).
  std::string network = "unet";
  /// Channels of the layer next to the image; each halving of the sides has twice as many, up to `max_width`.
  int64_t width = 64;
  int64_t max_width = 512;
  /// "unet": halvings of the sides. Images are filled up to multiples of 2^depth pixels. "resnet" halves twice.
  int64_t depth = 8;
  /// "resnet": residual blocks.
  int64_t blocks = 9;
  /// Between the layers: "instance", "batch" or "none".
  std::string normalization = "instance";
  /// What "batch" goes by when the model is used: "image", that image's own numbers, as pix2pix does, or "running", the
  /// averages of training.
  std::string statistics = "image";
  /// Probability with which a number is dropped, in training and when the model is used, 0 to below 1. pix2pix has 0.5:
  /// it is where its variety comes from.
  double dropout = 0;
  /// "unet": levels that drop, those next to the innermost. "resnet" drops in each block.
  int64_t dropout_levels = 3;
  /// How sides are doubled: "resize" (the nearest pixel, then a convolution) or "transposed" convolution, which many
  /// weights of others have and which likes to leave checkerboards.
  std::string upsampling = "resize";
  /// Decay of the averaged copy that previews and the model file use, as in GeneratorOptions.
  double ema = 0.999;

  bool operator==(const TranslatorOptions&) const = default;
};

}  // namespace forger
