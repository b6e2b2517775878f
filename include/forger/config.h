#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace forger {

/// Where the images come from and how they become tensors of one shape.
struct DataOptions {
  /// A folder, a zip archive, an IDX file or folder of IDX files, tar shards (`shards/{000..127}.tar`), or
  /// `synthetic:NAME`.
  std::string source;
  /// [height, width] in pixels; empty: the images' own size when they all agree and fit the networks, else 64.
  std::vector<int64_t> size;
  /// 1 (grey), 3 (RGB) or 4 (RGBA), or 2 for points; 0: what the first images have (alpha only when it says something).
  int64_t channels = 0;
  /// How an image of another size comes to `size`: "crop" the middle, "pad" with black, "stretch", or "tiles": it is
  /// cut at its own scale into tiles of that size, which overlap by half.
  std::string fit = "crop";
  /// Which values of 16-bit images become 0 and 255 of the 8 bits that networks see: "keep" (0 and 65535), "stretch"
  /// (the lowest and the highest of the training images), "clip" (the same but for the lowest and the highest
  /// thousandth of all values), or two numbers, "[0, 4095]". What is beyond is clipped. Measured once: a run folder
  /// holds the numbers. 8-bit images, and alpha, stay as they are.
  std::string levels = "keep";
  /// Mirrors every second training image, chosen by the seed. Doubles the data where left and right mean nothing.
  bool flip = false;
  /// Reads class labels (first-level folders, IDX label file, `.cls` or folder in a shard, synthetic mode) and makes
  /// the networks class-conditional.
  bool labels = false;
  /// Trains on these classes only (numbers in the order of `forger info DATA`); empty: on all.
  std::vector<int64_t> classes;
  /// Memory for decoded 8-bit images. A set that fits is decoded once; a larger one is decoded ahead of each step.
  std::string cache = "512MiB";
  /// The share of unreadable images above which training refuses to go on, 0 to 1.
  double max_bad = 0.01;
  /// The share of images that never reaches the players, halved until they are at most 10,000; kept for referee and
  /// metrics. Which ones follows from what each image is (its name, or its bytes where names only count), not from the
  /// others.
  double held_out = 0.1;
  /// Decoding threads; 0: one per processor.
  int64_t workers = 0;

  bool operator==(const DataOptions&) const = default;
};

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

/// How small images are made for super-resolution to learn from.
struct DegradationOptions {
  /// "bicubic" (antialiased, as the literature measures with) or "blind": blur, resizes, noise and JPEG, all drawn, as
  /// pictures that went round the world (Real-ESRGAN, Wang et al. 2021, arXiv 2107.10833).
  std::string kind = "bicubic";
  /// The small images themselves, a data set whose names are those of `DataOptions::source`; then nothing is made.
  std::string low = {};
  /// Of "blind": the largest deviation of a blur kernel in pixels, and of noise in levels of 255; the lowest JPEG
  /// quality, 1 to 95; 0 each: none of it.
  double blur = 3;
  double noise = 30;
  int64_t jpeg = 30;
  /// All of it a second time, weaker, and ringing as of sharpening.
  bool second_order = true;

  bool operator==(const DegradationOptions&) const = default;
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

/// The pairs that paired translation learns from: of each, one side is made from the other.
struct PairsOptions {
  /// Where sides A and B come from. "folders": the data holds folders A and B (or trainA and trainB), matched by name.
  /// "side-by-side": A is the left half of each image, B the right one. Or B are the images of the data, and A is made
  /// of them on the fly: "edges" (dark on white), "grey", "blur" or "mask" (a part is see-through). "auto": folders
  /// where they are, side by side where all images are twice as wide as high.
  std::string source = "auto";
  /// "a2b": B is made from A; "b2a": A from B.
  std::string direction = "a2b";
  /// Of what images are made from: 1 (grey), 3 (RGB) or 4 (RGBA); 0: what it has.
  int64_t channels = 0;
  /// Both sides of a training pair are brought to so many times `DataOptions::size`, and a part of that size is cut
  /// out, each time another; 1: not.
  double enlarge = 1;
  /// "edges": the least slope that is drawn, in levels of 255 a pixel.
  double edges = 10;
  /// "blur": the deviation of the Gaussian in pixels.
  double blur = 2;
  /// "mask": the largest side of the hole as a share of the image's; the smallest is half of that.
  double mask = 0.5;

  bool operator==(const PairsOptions&) const = default;
};

/// What the game paired translation asks of its generator.
struct TranslationOptions {
  /// Weight of the pixels' mean absolute difference from the truth, in [-1, 1].
  double pixels = 100;
  /// Weight of the discriminator's opinion; 0: no discriminator.
  double adversary = 1;

  bool operator==(const TranslationOptions&) const = default;
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

/// The training loop.
struct TrainingOptions {
  /// Images in a batch. `accumulate` splits it into as many parts whose gradients are averaged.
  int64_t batch_size = 64;
  int64_t accumulate = 1;
  /// Budget: the first of these to be reached ends the training; 0: no such limit. `steps` counts generator turns.
  int64_t steps = 0;
  double minutes = 0;
  int64_t images = 0;
  /// "auto" (bfloat16 where the hardware has it), "bfloat16" or "float32". Penalties are always float32.
  std::string precision = "auto";
  /// "auto", "cpu", "cuda" or "cuda:N".
  std::string device = "auto";
  /// Processor threads for the networks; 0: LibTorch's choice.
  int64_t threads = 0;
  uint64_t seed = 1;
  /// Which player moves first in a step: "discriminator" or "generator".
  std::string first_turn = "discriminator";
  /// Learning rates over the training: "constant", "linear" or "cosine" down to `final_rate` of the start, reached
  /// after `schedule_steps` (0: at the end of the budget), after `warmup_steps` of linear growth. Where the budget is
  /// `minutes`, rates then depend on the clock, and a resumed run only resembles the unstopped one.
  std::string schedule = "constant";
  double final_rate = 0;
  int64_t schedule_steps = 0;
  int64_t warmup_steps = 0;
  /// A checkpoint after so many steps or minutes, whichever comes first; 0: not by this measure.
  int64_t checkpoint_steps = 0;
  double checkpoint_minutes = 5;
  /// How many of the newest checkpoints stay.
  int64_t checkpoint_keep = 2;
  /// A sample grid after so many steps; 0: with checkpoints only.
  int64_t preview_steps = 0;
  /// A line of steps.jsonl after so many steps; a line carries the last step's numbers.
  int64_t report_steps = 1;
  /// Weight norms and update ratios are measured in every k-th step (each time costs a copy of the weights); the lines
  /// between repeat the last ones.
  int64_t weight_norm_steps = 10;
  /// Non-finite steps in a row before the run rolls back to its last checkpoint with half the learning rates, once.
  int64_t max_bad_steps = 5;
  /// Writes TensorBoard event files into the run folder.
  bool tensorboard = true;

  bool operator==(const TrainingOptions&) const = default;
};

/// The referee, who says whether the training works. It never changes what a step computes.
struct RefereeOptions {
  /// "off", "light" or "full" (more images a check: surer and dearer).
  std::string mode = "light";
  /// A check after so many steps; 0: as often as `cost` allows.
  int64_t every_steps = 0;
  /// The share of the training time that checks may take, 0 to 1, when `every_steps` is 0.
  double cost = 0.03;
  /// Steps before which every verdict but "diverged" is "warming-up", if half of the budget is not used up before.
  int64_t start_steps = 500;
  /// What ends the training before its budget: "budget" (nothing), "converged", or "plateau" (that or a good plateau).
  std::string until = "budget";
  /// Mends a sick training by itself: rolls back, changes one thing, keeps it if the samples improve.
  bool mend = false;
  /// Mending gives up after so many attempts.
  int64_t attempts = 3;

  bool operator==(const RefereeOptions&) const = default;
};

/// Everything that decides a training. Read from a recipe and written, complete, into the run folder.
struct Config {
  /// The recipe's name, for people and folder names.
  std::string recipe = "custom";
  /// "generation", "autoencoding", "super-resolution" or "paired-translation".
  std::string game = "generation";
  DataOptions data;
  GeneratorOptions generator;
  DiscriminatorOptions discriminator;
  EncoderOptions encoder;
  CodeDiscriminatorOptions code_discriminator;
  PixelDiscriminatorOptions pixel_discriminator;
  AutoencodingOptions autoencoding;
  DetectorOptions detector;
  UpscalerOptions upscaler;
  DegradationOptions degradation;
  SuperResolutionOptions super_resolution;
  TranslatorOptions translator;
  PairsOptions pairs;
  TranslationOptions translation;
  ObjectiveOptions objective;
  AugmentationOptions augmentation;
  TrainingOptions training;
  RefereeOptions referee;

  /// A recipe that comes with Forger, e.g. "fast". Throws Error naming the nearest known one.
  static Config from_recipe(const std::string& name);
  /// A TOML file. Throws Error with file, line, key and what is accepted. `notices`, if given, gets a line for people
  /// for each key that has another name now: the old one is understood for one version more.
  static Config from_file(const std::filesystem::path& path, std::vector<std::string>* notices = nullptr);

  /// Sets one key from the text that a person types, e.g. set("generator.learning_rate", "1e-4"), set("data.size",
  /// "32") for a square. Throws Error on an unknown key or an impossible value, and then leaves everything as it was.
  /// `notices` as in `from_file`.
  void set(const std::string& key, const std::string& value, std::vector<std::string>* notices = nullptr);
  /// Throws Error unless all values fit each other.
  void check() const;
  /// Whether a discriminator on images plays (it does not in a VAE).
  bool has_discriminator() const;
  /// The share of the budget, 0 to below 1, after which it joins.
  double discriminator_joins() const;
  /// TOML with every key that the game reads written out and explained.
  std::string to_toml() const;

  bool operator==(const Config&) const = default;
};

/// Name and header comment of every recipe that comes with Forger, in alphabetical order.
std::vector<std::pair<std::string, std::string>> recipes();

/// The recipe that suits a `data.source` when nobody names one: "points" for the synthetic sets of 2-D points,
/// "pix2pix" where all of it are folders A and B with images of equal names, else "fast".
std::string default_recipe(const std::string& source);

}  // namespace forger
