#include "config/option_table.h"

#include <algorithm>

#include "core/fail.h"
#include "core/levels.h"
#include "core/text.h"

namespace forger {
namespace {

template <auto Section, auto Member>
Place at(Config& config) {
  return &(config.*Section.*Member);
}

template <auto Member>
Place at(Config& config) {
  return &(config.*Member);
}

Accepted words(std::vector<std::string> accepted) { return {.words = std::move(accepted)}; }

Accepted range(double least, double most) { return {.least = least, .most = most}; }

/// Probabilities and shares.
Accepted share() { return range(0, 1); }

Accepted above(double least, double most) { return {.least = least, .most = most, .above_least = true}; }

Accepted below(double least, double most) { return {.least = least, .most = most, .below_most = true}; }

/// Counts of things that a person may want none of.
Accepted count() { return range(0, 1e12); }

bool is_byte_size(std::string_view text) {
  try {
    parse_bytes(text, "");
    return true;
  } catch (const Error&) {
    return false;
  }
}

bool is_levels(std::string_view text) { return levels_in(text).has_value(); }

bool is_device(std::string_view text) {
  if (text == "auto" || text == "cpu" || text == "cuda") return true;
  if (!text.starts_with("cuda:")) return false;
  const auto index = text.substr(5);
  return !index.empty() && index.size() <= 2 && index.find_first_not_of("0123456789") == std::string_view::npos;
}

/// A recipe's name becomes a part of folder names.
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 100 && text.find('/') == std::string_view::npos &&
         std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

Accepted objectives() {
  return {
      .words = {"minimax", "non-saturating", "density-ratio", "least-squares", "wasserstein", "wasserstein-gp", "hinge",
                "relativistic"},
      .other_names = {{"wgan", "wasserstein"},
                      {"wgan-gp", "wasserstein-gp"},
                      {"lsgan", "least-squares"},
                      {"mse", "least-squares"},
                      {"bce", "non-saturating"},
                      {"alpha-gan", "density-ratio"},
                      {"r3gan", "relativistic"},
                      {"rpgan", "relativistic"},
                      {"saturating", "minimax"}},
  };
}

Accepted levels() {
  return {
      .words = {"keep", "stretch", "clip"},
      .other_names = {{"full", "keep"},
                      {"none", "keep"},
                      {"minmax", "stretch"},
                      {"auto", "stretch"},
                      {"normalize", "stretch"},
                      {"percentile", "clip"}},
      .form = is_levels,
      .form_in_words = "[low, high] such as [0, 4095], within 0 to 65535",
      .or_list = true,
  };
}

Accepted precisions() {
  return {
      .words = {"auto", "bfloat16", "float32"},
      .other_names = {{"bf16", "bfloat16"}, {"fp32", "float32"}, {"fp16", "bfloat16"}, {"amp", "auto"}},
  };
}

void add_general(std::vector<Option>& table) {
  table.insert(
      table.end(),
      {
          {"recipe",
           at<&Config::recipe>,
           {.form = is_name, .form_in_words = "a name of at most 100 bytes without \"/\""},
           "The recipe's name, for people and folder names."},
          {"game", at<&Config::game>, words({"generation", "autoencoding"}),
           "What is trained: generation makes images from a latent; autoencoding also finds an image's latent."},
      });
}

void add_data(std::vector<Option>& table) {
  table.insert(
      table.end(),
      {
          {"data.source",
           at<&Config::data, &DataOptions::source>,
           {},
           "A folder, a zip archive, IDX files, tar shards such as shards/{000..127}.tar, or synthetic:NAME."},
          {"data.size", at<&Config::data, &DataOptions::size>, range(1, 2048),
           "[height, width] in pixels; []: the images' own size if they agree and it fits the networks, else "
           "64."},
          {"data.channels", at<&Config::data, &DataOptions::channels>, range(0, 4),
           "1 grey, 3 RGB, 4 RGBA (2: points); 0: what the first images have."},
          {"data.fit", at<&Config::data, &DataOptions::fit>, words({"crop", "pad", "stretch", "tiles"}),
           "How an image of another size comes to size: crop the middle, pad with black, stretch, or cut into tiles."},
          {"data.levels", at<&Config::data, &DataOptions::levels>, levels(),
           "Which values of 16-bit images become 0 and 255: keep all 65536, stretch the training images' own range, "
           "clip a "
           "thousandth at either end, or two numbers."},
          {"data.flip",
           at<&Config::data, &DataOptions::flip>,
           {},
           "Mirrors every second training image: doubles the data where left and right mean nothing."},
          {"data.labels",
           at<&Config::data, &DataOptions::labels>,
           {},
           "Reads class labels and makes the networks class-conditional."},
          {"data.classes", at<&Config::data, &DataOptions::classes>, range(0, 1e6),
           "Trains on these classes only, by number; []: on all."},
          {"data.cache",
           at<&Config::data, &DataOptions::cache>,
           {.form = is_byte_size, .form_in_words = "a size such as \"512MiB\" or \"2GiB\""},
           "Memory for decoded images: a set that fits is decoded once, a larger one ahead of each step."},
          {"data.max_bad", at<&Config::data, &DataOptions::max_bad>, share(),
           "The share of unreadable images above which training refuses to go on."},
          {"data.held_out", at<&Config::data, &DataOptions::held_out>, below(0, 1),
           "The share of images (at most 10,000) that is kept from the players for referee and metrics."},
          {"data.workers", at<&Config::data, &DataOptions::workers>, range(0, 1024),
           "Decoding threads; 0: one per processor."},
      });
}

template <auto Section>
void add_optimizer(std::vector<Option>& table, const std::string& section) {
  table.insert(table.end(),
               {
                   {section + ".optimizer", at<Section, &OptimizerOptions::optimizer>,
                    words({"adam", "rmsprop", "sgd"}), "How gradients become steps."},
                   {section + ".learning_rate", at<Section, &OptimizerOptions::learning_rate>, above(0, 10),
                    "The size of a step. Too high diverges or oscillates, too low takes longer."},
                   {section + ".beta1", at<Section, &OptimizerOptions::beta1>, below(0, 1),
                    "Adam's first decay rate, or SGD's momentum."},
                   {section + ".beta2", at<Section, &OptimizerOptions::beta2>, below(0, 1),
                    "Adam's second decay rate, or RMSprop's smoothing constant."},
                   {section + ".epsilon", at<Section, &OptimizerOptions::epsilon>, above(0, 1),
                    "Added to the root of the second moment."},
                   {section + ".turns_per_step", at<Section, &OptimizerOptions::turns_per_step>, range(1, 1000),
                    "Turns in each step; each costs one forward and backward pass."},
               });
}

void add_generator(std::vector<Option>& table) {
  table.insert(
      table.end(),
      {
          {"generator.network", at<&Config::generator, &GeneratorOptions::network>,
           words({"mlp", "dcgan", "resnet", "r3", "pytorch-gan"}), "The architecture, latent to image."},
          {"generator.width", at<&Config::generator, &GeneratorOptions::width>, range(1, 8192),
           "Channels of the layer next to the image; each level below has twice as many. Time grows with its "
           "square."},
          {"generator.max_width", at<&Config::generator, &GeneratorOptions::max_width>, range(1, 8192),
           "Most channels of any layer."},
          {"generator.depth", at<&Config::generator, &GeneratorOptions::depth>, range(0, 12),
           "Doublings of resolution (hidden layers for mlp); 0: as many as leave at least 4 pixels a side."},
          {"generator.upsampling", at<&Config::generator, &GeneratorOptions::upsampling>,
           words({"transposed", "nearest", "bilinear"}),
           "How resolution doubles: transposed convolution, or enlarging followed by a convolution."},
          {"generator.normalization", at<&Config::generator, &GeneratorOptions::normalization>,
           words({"batch", "none"}), "Normalisation between the layers."},
          {"generator.latent_size", at<&Config::generator, &GeneratorOptions::latent_size>, range(1, 65536),
           "Numbers in a latent."},
          {"generator.convolutional_latent",
           at<&Config::generator, &GeneratorOptions::convolutional_latent>,
           {},
           "The latent is a small picture of the size of the network's first grid (dcgan only): for large images."},
          {"generator.latent", at<&Config::generator, &GeneratorOptions::latent>, words({"normal", "uniform"}),
           "Distribution of the latent: normal (0, 1) or uniform (-1, 1)."},
          {"generator.ema", at<&Config::generator, &GeneratorOptions::ema>, below(0, 1),
           "Decay per step of the averaged copy that previews, samples and the model file use; 0: no "
           "averaging."},
          {"generator.first_step", at<&Config::generator, &GeneratorOptions::first_step>, range(1, 1e12),
           "The step with which its turns begin; before it, only the discriminator learns."},
      });
  add_optimizer<&Config::generator>(table, "generator");
}

void add_discriminator(std::vector<Option>& table) {
  table.insert(
      table.end(),
      {
          {"discriminator.network", at<&Config::discriminator, &DiscriminatorOptions::network>,
           words({"mlp", "dcgan", "resnet", "r3", "pytorch-gan"}), "The architecture, image to one logit."},
          {"discriminator.width", at<&Config::discriminator, &DiscriminatorOptions::width>, range(1, 8192),
           "Channels of the layer next to the image; each level below has twice as many. Time grows with its "
           "square."},
          {"discriminator.max_width", at<&Config::discriminator, &DiscriminatorOptions::max_width>, range(1, 8192),
           "Most channels of any layer."},
          {"discriminator.depth", at<&Config::discriminator, &DiscriminatorOptions::depth>, range(0, 12),
           "Halvings of resolution (hidden layers for mlp); 0: as many as leave at least 4 pixels a side."},
          {"discriminator.normalization", at<&Config::discriminator, &DiscriminatorOptions::normalization>,
           words({"batch", "instance", "none"}),
           "Normalisation between the layers; batch does not go with gradient penalties."},
          {"discriminator.spectral_norm",
           at<&Config::discriminator, &DiscriminatorOptions::spectral_norm>,
           {},
           "Divides every weight by its largest singular value (Miyato et al. 2018)."},
          {"discriminator.dropout", at<&Config::discriminator, &DiscriminatorOptions::dropout>, below(0, 1),
           "Probability with which a channel is dropped after each block."},
          {"discriminator.rotations", at<&Config::discriminator, &DiscriminatorOptions::rotations>, range(0, 1e6),
           "Weight of a second question: by how many quarters was a real image rotated? 0: not asked."},
      });
  add_optimizer<&Config::discriminator>(table, "discriminator");
}

void add_autoencoding(std::vector<Option>& table) {
  using Encoder = EncoderOptions;
  using Codes = CodeDiscriminatorOptions;
  using Autoencoding = AutoencodingOptions;
  table.insert(table.end(),
               {
                   {"encoder.network", at<&Config::encoder, &Encoder::network>, words({"mlp", "dcgan"}),
                    "The architecture, image to latent."},
                   {"encoder.width", at<&Config::encoder, &Encoder::width>, range(1, 8192),
                    "Channels of the layer next to the image; each level below has twice as many."},
                   {"encoder.max_width", at<&Config::encoder, &Encoder::max_width>, range(1, 8192),
                    "Most channels of any layer."},
                   {"encoder.depth", at<&Config::encoder, &Encoder::depth>, range(0, 12),
                    "Halvings of resolution (hidden layers for mlp); 0: as many as leave at least 4 pixels a side."},
                   {"encoder.normalization", at<&Config::encoder, &Encoder::normalization>,
                    words({"batch", "instance", "none"}), "Normalisation between the layers."},
               });
  add_optimizer<&Config::encoder>(table, "encoder");
  table.insert(table.end(), {
                                {"code_discriminator.width", at<&Config::code_discriminator, &Codes::width>,
                                 range(1, 8192), "Numbers in a hidden layer of the perceptron that judges codes."},
                                {"code_discriminator.depth", at<&Config::code_discriminator, &Codes::depth>,
                                 range(1, 12), "Its hidden layers."},
                            });
  add_optimizer<&Config::code_discriminator>(table, "code_discriminator");
  table.push_back({"pixel_discriminator.width", at<&Config::pixel_discriminator, &PixelDiscriminatorOptions::width>,
                   range(0, 1024),
                   "Channels of the network that tells which pixels are foreign to an image; 0: it does not play."});
  add_optimizer<&Config::pixel_discriminator>(table, "pixel_discriminator");
  table.insert(
      table.end(),
      {
          {"autoencoding.reconstruction", at<&Config::autoencoding, &Autoencoding::reconstruction>, range(0, 1e6),
           "Weight of the likeness of an image and its reconstruction; more: truer, and samples less free."},
          {"autoencoding.distance",
           at<&Config::autoencoding, &Autoencoding::distance>,
           {.words = {"likelihood", "absolute", "squared"},
            .other_names = {{"l1", "absolute"}, {"l2", "squared"}, {"mse", "squared"}}},
           "Of the two: Gaussian likelihood with its best variance, or mean difference of the pixels."},
          {"autoencoding.features", at<&Config::autoencoding, &Autoencoding::features>, range(0, 1e6),
           "Weight of their squared difference in the discriminator's features."},
          {"autoencoding.adversary", at<&Config::autoencoding, &Autoencoding::adversary>, range(0, 1e6),
           "Weight of the discriminator's opinion in the generator's loss; 0: no discriminator."},
          {"autoencoding.codes",
           at<&Config::autoencoding, &Autoencoding::codes>,
           {.words = {"kl", "adversarial"},
            .other_names = {{"vae", "kl"}, {"aae", "adversarial"}, {"gan", "adversarial"}}},
           "How codes come to the latent's distribution: variational, or judged by a discriminator of their own."},
          {"autoencoding.code_noise", at<&Config::autoencoding, &Autoencoding::code_noise>, below(0, 1),
           "Standard deviation of noise on adversarial codes in training, which fills the latent around each."},
          {"autoencoding.adaptive_code_noise",
           at<&Config::autoencoding, &Autoencoding::adaptive_code_noise>,
           {},
           "That noise is the most: less, as far as codes cannot be told from the latent for that."},
          {"autoencoding.code_mismatch", at<&Config::autoencoding, &Autoencoding::code_mismatch>, range(0, 1e6),
           "Weight of the mismatch between adversarial codes and latents as a whole, beside the discriminator's "
           "opinion."},
          {"autoencoding.code_weight", at<&Config::autoencoding, &Autoencoding::code_weight>, range(0, 1e6),
           "Weight of what is asked of codes; more: samples better, reconstructions worse."},
          {"autoencoding.warmup_steps", at<&Config::autoencoding, &Autoencoding::warmup_steps>, count(),
           "Steps over which the weight of kl grows from 0."},
          {"autoencoding.free_bits", at<&Config::autoencoding, &Autoencoding::free_bits>, range(0, 100),
           "Nats for each number of the latent below which kl asks for nothing."},
          {"detector.normals", at<&Config::detector, &DetectorOptions::normals>, range(0, 1e6),
           "Training images that the model's detector learns from what is normal; 0: the model has none."},
      });
}

void add_objective(std::vector<Option>& table) {
  table.insert(
      table.end(),
      {
          {"objective.name", at<&Config::objective, &ObjectiveOptions::name>, objectives(), "The adversarial loss."},
          {"objective.label_smoothing", at<&Config::objective, &ObjectiveOptions::label_smoothing>, below(0, 1),
           "Target for reals is 1 minus this (minimax, non-saturating, density-ratio, least-squares)."},
          {"objective.clip", at<&Config::objective, &ObjectiveOptions::clip>, above(0, 100),
           "Clips every critic weight to [-clip, clip] after its turn (wasserstein only)."},
          {"objective.r1", at<&Config::objective, &ObjectiveOptions::r1>, range(0, 1e6),
           "Weight gamma of gamma/2 E|grad D(real)|^2. A penalty makes the discriminator's turn about twice "
           "as long."},
          {"objective.r2", at<&Config::objective, &ObjectiveOptions::r2>, range(0, 1e6),
           "Weight gamma of gamma/2 E|grad D(fake)|^2."},
          {"objective.gradient_penalty", at<&Config::objective, &ObjectiveOptions::gradient_penalty>, range(0, 1e6),
           "Weight of E(|grad D(between real and fake)| - 1)^2."},
          {"objective.penalty_every", at<&Config::objective, &ObjectiveOptions::penalty_every>, range(1, 1000),
           "Applies the penalties in every k-th step only, multiplied by k: cheaper, a little less exact."},
      });
}

void add_augmentation(std::vector<Option>& table) {
  table.insert(table.end(),
               {
                   {"augmentation.flip", at<&Config::augmentation, &AugmentationOptions::flip>, share(),
                    "Probability with which the discriminator sees an image, real or fake, mirrored."},
                   {"augmentation.translation", at<&Config::augmentation, &AugmentationOptions::translation>, share(),
                    "Probability of a shift by up to an eighth of the side."},
                   {"augmentation.color", at<&Config::augmentation, &AugmentationOptions::color>, share(),
                    "Probability of another brightness, saturation and contrast."},
                   {"augmentation.cutout", at<&Config::augmentation, &AugmentationOptions::cutout>, share(),
                    "Probability of a blanked square of half the side."},
                   {"augmentation.noise", at<&Config::augmentation, &AugmentationOptions::noise>, range(0, 10),
                    "Standard deviation of noise that real and fake get alike (instance noise)."},
                   {"augmentation.adaptive",
                    at<&Config::augmentation, &AugmentationOptions::adaptive>,
                    {},
                    "Takes all of these as the most, and as much as keeps 80 % of the reals judged real."},
               });
}

void add_training(std::vector<Option>& table) {
  table.insert(table.end(),
               {
                   {"training.batch_size", at<&Config::training, &TrainingOptions::batch_size>, range(1, 65536),
                    "Images in a batch. Memory grows with it."},
                   {"training.accumulate", at<&Config::training, &TrainingOptions::accumulate>, range(1, 65536),
                    "Splits a batch into so many parts whose gradients are averaged: less memory, more time."},
                   {"training.steps", at<&Config::training, &TrainingOptions::steps>, count(),
                    "Budget in generator turns; 0: no such limit. The first of the three budgets to be reached ends "
                    "it."},
                   {"training.minutes", at<&Config::training, &TrainingOptions::minutes>, range(0, 1e7),
                    "Budget in minutes; 0: no such limit."},
                   {"training.images", at<&Config::training, &TrainingOptions::images>, count(),
                    "Budget in real images shown; 0: no such limit."},
                   {"training.precision", at<&Config::training, &TrainingOptions::precision>, precisions(),
                    "auto: bfloat16 where the hardware has it. Penalties are always float32."},
                   {"training.device",
                    at<&Config::training, &TrainingOptions::device>,
                    {.form = is_device, .form_in_words = "auto, cpu, cuda, cuda:N"},
                    "Where the networks run."},
                   {"training.threads", at<&Config::training, &TrainingOptions::threads>, range(0, 4096),
                    "Processor threads for the networks; 0: LibTorch's choice."},
                   // TOML and JavaScript keep whole numbers up to here exactly.
                   {"training.seed", at<&Config::training, &TrainingOptions::seed>, range(0, 9007199254740991),
                    "The same seed, data and machine give the same weights."},
                   {"training.first_turn", at<&Config::training, &TrainingOptions::first_turn>,
                    words({"discriminator", "generator"}), "Which player moves first in a step."},
                   {"training.schedule", at<&Config::training, &TrainingOptions::schedule>,
                    words({"constant", "linear", "cosine"}), "How the learning rates fall to final_rate."},
                   {"training.final_rate", at<&Config::training, &TrainingOptions::final_rate>, share(),
                    "What is left of the learning rates at the end of the schedule, as a share of their start."},
                   {"training.schedule_steps", at<&Config::training, &TrainingOptions::schedule_steps>, count(),
                    "Length of the schedule; 0: steps."},
                   {"training.warmup_steps", at<&Config::training, &TrainingOptions::warmup_steps>, count(),
                    "Steps in which the learning rates grow linearly from 0."},
                   {"training.checkpoint_steps", at<&Config::training, &TrainingOptions::checkpoint_steps>, count(),
                    "A checkpoint after so many steps; 0: not by steps."},
                   {"training.checkpoint_minutes", at<&Config::training, &TrainingOptions::checkpoint_minutes>,
                    range(0, 1e7), "A checkpoint after so many minutes; 0: not by minutes."},
                   {"training.checkpoint_keep", at<&Config::training, &TrainingOptions::checkpoint_keep>, range(1, 1e6),
                    "How many of the newest checkpoints stay."},
                   {"training.preview_steps", at<&Config::training, &TrainingOptions::preview_steps>, count(),
                    "A sample grid after so many steps; 0: with checkpoints only."},
                   {"training.report_steps", at<&Config::training, &TrainingOptions::report_steps>, range(1, 1e9),
                    "A line of steps.jsonl after so many steps."},
                   {"training.max_bad_steps", at<&Config::training, &TrainingOptions::max_bad_steps>, range(1, 1e6),
                    "Non-finite steps in a row before the run rolls back once, with half the learning rates."},
                   {"training.tensorboard",
                    at<&Config::training, &TrainingOptions::tensorboard>,
                    {},
                    "Writes TensorBoard event files into the run folder."},
               });
}

void add_referee(std::vector<Option>& table) {
  table.insert(
      table.end(),
      {
          {"referee.mode",
           at<&Config::referee, &RefereeOptions::mode>,
           {.words = {"off", "light", "full"}, .other_names = {{"none", "off"}, {"on", "light"}}},
           "How thoroughly the referee looks: full takes more images a check, surer and dearer."},
          {"referee.every_steps", at<&Config::referee, &RefereeOptions::every_steps>, count(),
           "A check after so many steps; 0: as often as cost allows."},
          {"referee.cost", at<&Config::referee, &RefereeOptions::cost>, above(0, 1),
           "The share of the training time that checks may take."},
          {"referee.start_steps", at<&Config::referee, &RefereeOptions::start_steps>, count(),
           "Steps before which nothing but \"diverged\" is said."},
          {"referee.until", at<&Config::referee, &RefereeOptions::until>, words({"budget", "converged", "plateau"}),
           "What ends the training before its budget: nothing, convergence, or that or a good plateau."},
          {"referee.mend",
           at<&Config::referee, &RefereeOptions::mend>,
           {},
           "Mends a sick training: rolls back, changes one thing, keeps it if the samples improve."},
          {"referee.attempts", at<&Config::referee, &RefereeOptions::attempts>, range(0, 100),
           "Mending gives up after so many attempts."},
      });
}

}  // namespace

std::vector<Option> make_option_table() {
  std::vector<Option> table;
  add_general(table);
  add_data(table);
  add_generator(table);
  add_discriminator(table);
  add_autoencoding(table);
  add_objective(table);
  add_augmentation(table);
  add_training(table);
  add_referee(table);
  return table;
}

}  // namespace forger
