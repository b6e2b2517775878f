#include "games/autoencoding.h"

#include <cmath>

#include "config/architecture.h"
#include "core/fail.h"
#include "core/random.h"
#include "core/team.h"
#include "core/torch.h"
#include "games/answers.h"
#include "games/exhibit.h"
#include "games/foreign_parts.h"
#include "games/latent.h"
#include "games/latent_side.h"
#include "networks/catalog.h"
#include "networks/describe.h"
#include "objectives/catalog.h"
#include "objectives/mismatch.h"
#include "players/precision.h"

namespace forger {
namespace {

/// A variance below this is that of an image that repeats itself to the last level: the likelihood would run away.
constexpr double kLeastVariance = 1e-5;
/// log variances of codes are kept in here, where their exponential is a number.
constexpr double kLeastLogVariance = -20, kMostLogVariance = 10;

/// Adaptive noise on codes lets their discriminator be right in three cases of five: so much more often than it is
/// wrong.
constexpr double kCodesTold = 0.2;

/// A turn of the pixel discriminator takes images of so many pixels together: it takes the same time for every size.
constexpr int64_t kPixelsATurn = 32 * 32 * 32;
/// ... and, for its batch statistics, at least so many of them.
constexpr int64_t kFewestImagesATurn = 2;

at::Generator weights_random(const Config& config, Stream stream) {
  return make_random(derive_seed(config.training.seed, stream));
}

std::shared_ptr<Encoder> new_encoder(const Config& config, const GameInput& input) {
  const auto code = code_shape(config.generator, input.shape, config.autoencoding.codes);
  auto encoder = make_encoder(config.encoder, input.shape, code, weights_random(config, Stream::encoder_weights));
  encoder->to(input.device);
  return encoder;
}

/// A code is an image of one pixel to it.
std::shared_ptr<Discriminator> new_code_discriminator(const Config& config, const GameInput& input) {
  if (config.autoencoding.codes != "adversarial") return nullptr;
  DiscriminatorOptions options;
  options.network = "mlp";
  options.width = config.code_discriminator.width;
  options.depth = config.code_discriminator.depth;
  options.normalization = "none";
  auto discriminator = make_discriminator(options, {config.generator.latent_size, 1, 1}, /*classes=*/0,
                                          weights_random(config, Stream::code_discriminator_weights));
  discriminator->to(input.device);
  return discriminator;
}

std::shared_ptr<PixelDiscriminator> new_pixel_discriminator(const Config& config, const GameInput& input) {
  if (config.pixel_discriminator.width == 0) return nullptr;
  if (input.shape.is_point()) {
    fail("pixel_discriminator.width: received {} with points, accepted: 0, or images",
         config.pixel_discriminator.width);
  }
  auto discriminator = std::make_shared<PixelDiscriminator>(
      config.pixel_discriminator.width, input.shape, weights_random(config, Stream::pixel_discriminator_weights));
  discriminator->to(input.device);
  return discriminator;
}

}  // namespace

AutoencodingGame::AutoencodingGame(const Config& config, const GameInput& input)
    : config_(config),
      input_(input),
      bfloat16_(uses_bfloat16(config.training.precision, input.device)),
      objective_(input.objective ? input.objective : make_objective(config.objective)),
      generator_(new_generator(config, input, /*classes=*/0)),
      averaged_generator_(config.generator.ema > 0 ? new_generator(config, input, /*classes=*/0) : nullptr),
      encoder_(new_encoder(config, input)),
      averaged_encoder_(config.generator.ema > 0 ? new_encoder(config, input) : nullptr),
      adversary_(config.has_discriminator() ? std::make_unique<Adversary>(config, input, input.shape, /*classes=*/0)
                                            : nullptr),
      code_discriminator_(new_code_discriminator(config, input)),
      pixel_discriminator_(new_pixel_discriminator(config, input)),
      generator_player_("generator", generator_, config.generator, averaged_generator_, config.generator.ema),
      encoder_player_("encoder", encoder_, config.encoder, averaged_encoder_, config.generator.ema),
      noise_strength_(1) {
  if (code_discriminator_) code_player_.emplace("code_discriminator", code_discriminator_, config.code_discriminator);
  if (pixel_discriminator_)
    pixel_player_.emplace("pixel_discriminator", pixel_discriminator_, config.pixel_discriminator);
}

std::vector<Player*> AutoencodingGame::players() {
  std::vector<Player*> players = {&generator_player_, &encoder_player_};
  if (adversary_) players.push_back(&adversary_->player());
  if (code_player_) players.push_back(&*code_player_);
  if (pixel_player_) players.push_back(&*pixel_player_);
  return players;
}

TensorMap AutoencodingGame::state() {
  TensorMap tensors = Game::state();
  if (adversary_) adversary_->add_state(tensors);
  tensors["code_noise.strength"] = noise_strength_.live();
  return tensors;
}

std::string AutoencodingGame::describe() const {
  const auto code = code_shape(config_.generator, input_.shape, config_.autoencoding.codes);
  std::string tables = describe_network(config_.generator, input_.shape, /*classes=*/0) +
                       describe_network(config_.encoder, input_.shape, code);
  if (adversary_) tables += describe_network(config_.discriminator, input_.shape, /*classes=*/0);
  return tables;
}

std::vector<ModelPart> AutoencodingGame::parts() const {
  ModelPart encoder{"encoder", "encoder", architecture_of(config_, "encoder")};
  encoder.options["codes"] = config_.autoencoding.codes;
  std::vector<ModelPart> parts = {generator_part(config_), encoder};
  if (config_.detector.normals == 0) return parts;
  // Whom a detector asks.
  parts.push_back({"discriminator", "discriminator", architecture_of(config_, "discriminator")});
  if (pixel_discriminator_) {
    parts.push_back({"pixel_discriminator", "pixel-discriminator", architecture_of(config_, "pixel_discriminator")});
  }
  return parts;
}

std::unique_ptr<Exhibit> AutoencodingGame::exhibit() const { return std::make_unique<LatentExhibit>(config_, input_); }

StepReport AutoencodingGame::step(const StepInput& input) {
  StepReport report;
  if (adversary_) adversary_->begin_step(input.random);
  begin_step();

  const Scene scene = look(input, report);
  const auto shown = [&](size_t) -> Shown { return {{.images = scene.reals}, scene.images.detach().chunk(2)}; };
  report.finite = (!adversary_ || adversary_->turn(input, 1, shown, report)) &&
                  code_discriminator_turn(input, scene, report) && pixel_discriminator_turns(input, scene, report) &&
                  autoencoder_turn(input, scene, report);

  end_step(input, report);
  return report;
}

AutoencodingGame::Scene AutoencodingGame::look(const StepInput& input, StepReport& report) {
  Scene scene;
  scene.reals = input.next_batch().images;
  const auto count = scene.reals.size(0);
  at::Tensor numbers;
  {
    Precision precision(input_.device, bfloat16_);
    numbers = encoder_->forward(scene.reals);
  }
  if (config_.autoencoding.codes == "kl") {
    const auto parts = numbers.chunk(2, 1);
    const auto log_variances = parts[1].clamp(kLeastLogVariance, kMostLogVariance);
    const auto noise = input.random.normal(parts[0].sizes()).to(input_.device);
    scene.codes = parts[0] + (0.5 * log_variances).exp() * noise;
    scene.code_loss = divergence(parts[0], log_variances, input, report);
  } else {
    scene.codes = numbers;
    const auto& options = config_.autoencoding;
    const double noise = options.code_noise * (options.adaptive_code_noise ? noise_strength_.now() : 1.0);
    if (noise > 0) {
      scene.codes = scene.codes + noise * input.random.normal(numbers.sizes()).to(input_.device);
    }
  }
  auto latents = scene.codes;
  if (adversary_) {
    latents = at::cat({latents, draw_latent(config_.generator, count, input.random).to(input_.device)});
  }
  Precision precision(input_.device, bfloat16_);
  scene.images = generator_->forward(latents, {});
  scene.reconstructions = scene.images.narrow(0, 0, count);
  return scene;
}

/// KL(q(z|x) || N(0, 1)) in nats an image, less what is free, weighted.
at::Tensor AutoencodingGame::divergence(const at::Tensor& means, const at::Tensor& log_variances,
                                        const StepInput& input, StepReport& report) const {
  const auto& options = config_.autoencoding;
  auto by_number = mean_of_team(0.5 * (means.square() + log_variances.exp() - 1 - log_variances).mean(0));
  report.losses["kl"] = by_number.sum().item<double>();
  if (options.free_bits > 0) by_number = by_number.clamp_min(options.free_bits);
  const double warm = options.warmup_steps > 0
                          ? std::min(1.0, static_cast<double>(input.step) / static_cast<double>(options.warmup_steps))
                          : 1.0;
  return options.code_weight * warm * by_number.sum();
}

bool AutoencodingGame::code_discriminator_turn(const StepInput& input, const Scene& scene, StepReport& report) {
  if (!code_discriminator_) return true;
  code_player_->begin_turn();
  const auto drawn = draw_latent(config_.generator, scene.codes.size(0), input.random).to(input_.device);
  const auto drawn_logits = code_logits(drawn), logits_of_codes = code_logits(scene.codes.detach());
  const auto loss = objective_->discriminator_loss(drawn_logits, logits_of_codes);
  report.losses["code_discriminator"] = loss.item<double>();
  if (!std::isfinite(report.losses["code_discriminator"])) return false;
  complete_gradients({&*code_player_}, loss);
  if (!code_player_->end_turn()) return false;
  if (config_.autoencoding.adaptive_code_noise) {
    const double certainty = (mean_sign(*objective_, drawn_logits) - mean_sign(*objective_, logits_of_codes)) / 2;
    noise_strength_.follow(certainty > kCodesTold, logits_of_codes.numel());
  }
  return true;
}

/// Cross entropy of which pixels are foreign, in each turn on other images of the batch, as far as it reaches. The
/// parts are drawn from a stream of their own, so that whether it plays leaves the others as they are. They are too few
/// to be shared out: each process of a team takes all of them.
bool AutoencodingGame::pixel_discriminator_turns(const StepInput& input, const Scene& scene, StepReport& report) {
  if (!pixel_discriminator_) return true;
  const auto all_reals = of_whole_batch(scene.reals);
  const int64_t count = all_reals.size(0), pixels = all_reals.size(2) * all_reals.size(3);
  const int64_t taken = std::min(count, std::max(kPixelsATurn / pixels, kFewestImagesATurn));
  const ItemRandom random(derive_seed(config_.training.seed, Stream::foreign_parts, static_cast<uint64_t>(input.step)));
  for (int64_t turn = 0; turn < pixel_player_->turns_per_step(); ++turn) {
    const auto reals = all_reals.roll(-turn * taken, 0).narrow(0, 0, taken);
    const auto [images, foreign] = with_foreign_parts(reals, random);
    pixel_player_->begin_turn();
    at::Tensor answers;
    {
      Precision precision(input_.device, bfloat16_);
      answers = pixel_discriminator_->forward(images);
    }
    const auto loss = at::binary_cross_entropy_with_logits(answers, foreign);
    report.losses["pixel_discriminator"] = loss.item<double>();
    if (!is_finite_everywhere(report.losses["pixel_discriminator"])) return false;
    complete_gradients({&*pixel_player_}, loss);
    if (!pixel_player_->end_turn()) return false;
  }
  return true;
}

bool AutoencodingGame::autoencoder_turn(const StepInput& input, const Scene& scene, StepReport& report) {
  const auto& options = config_.autoencoding;
  std::optional<Frozen> frozen, frozen_codes;
  if (adversary_) frozen.emplace(adversary_->player());
  if (code_discriminator_) frozen_codes.emplace(*code_player_);
  generator_player_.begin_turn();
  encoder_player_.begin_turn();

  if (adversary_) {
    // The opinion stops at the images: behind them, it is the generator's alone.
    const auto shown = scene.images.detach().requires_grad_(true);
    const auto opinion = options.adversary * adversary_->generator_loss(input, shown.chunk(2), {}, {});
    report.losses["generator"] = opinion.item<double>();
    if (!std::isfinite(report.losses["generator"])) return false;
    generator_player_.add_gradient_at(scene.images, torch::autograd::grad({opinion}, {shown})[0]);
  }

  auto loss = at::zeros({}, scene.reals.options());
  if (options.reconstruction > 0) {
    const auto unlike = unlikeness(scene);
    report.losses["reconstruction"] = unlike.item<double>();
    loss = loss + options.reconstruction * unlike;
  }
  if (options.features > 0) {
    Precision precision(input_.device, bfloat16_);
    at::Tensor wanted;
    {
      torch::NoGradGuard no_grad;
      wanted = adversary_->network().features(scene.reals).to(at::kFloat);
    }
    const auto difference =
        (adversary_->network().features(scene.reconstructions).to(at::kFloat) - wanted).square().mean();
    report.losses["features"] = difference.item<double>();
    loss = loss + options.features * difference;
  }
  if (scene.code_loss.defined()) loss = loss + scene.code_loss;
  if (code_discriminator_) {
    const auto opinion = objective_->generator_loss(code_logits(scene.codes), {});
    report.losses["encoder"] = opinion.item<double>();
    loss = loss + options.code_weight * opinion;
    if (options.code_mismatch > 0) {
      const auto drawn = draw_latent(config_.generator, scene.codes.size(0), input.random).to(input_.device);
      const auto unlike = mismatch(of_whole_batch(scene.codes), of_whole_batch(drawn));
      report.losses["code_mismatch"] = unlike.item<double>();
      loss = loss + options.code_mismatch * unlike;
    }
  }
  if (!is_finite_everywhere(loss.item<double>())) return false;
  complete_gradients({&generator_player_, &encoder_player_}, loss);
  return generator_player_.end_turn() && encoder_player_.end_turn();
}

at::Tensor AutoencodingGame::unlikeness(const Scene& scene) const {
  const auto difference = scene.reconstructions - scene.reals;
  const auto& distance = config_.autoencoding.distance;
  if (distance == "absolute") return difference.abs().mean();
  auto mean_square = mean_of_team(difference.square().mean());
  if (distance == "squared") return mean_square;
  // -log N(x; x', v) for the best v, which is the mean square, without its constants.
  const auto numbers = static_cast<double>(scene.reals[0].numel());
  return 0.5 * numbers * mean_square.clamp_min(kLeastVariance).log();
}

at::Tensor AutoencodingGame::code_logits(const at::Tensor& codes) {
  return of_whole_batch(code_discriminator_->forward(codes.view({codes.size(0), codes.size(1), 1, 1}), {}));
}

at::Tensor AutoencodingGame::preview(const PreviewInput& input) {
  return latent_preview(config_, input_, input, *generator_, averaged_generator_.get());
}

}  // namespace forger
