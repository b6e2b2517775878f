#include "games/generation.h"

#include <cmath>

#include "core/random.h"
#include "core/torch.h"
#include "games/answers.h"
#include "games/augmentation.h"
#include "games/latent.h"
#include "games/new_players.h"
#include "networks/catalog.h"
#include "objectives/catalog.h"
#include "objectives/penalties.h"
#include "players/precision.h"

namespace forger {
namespace {

bool has_penalty(const ObjectiveOptions& objective) {
  return objective.r1 > 0 || objective.r2 > 0 || objective.gradient_penalty > 0;
}

bool is_lazy(const ObjectiveOptions& objective) { return has_penalty(objective) && objective.penalty_every > 1; }

/// A lazy penalty takes one optimiser step more in every k; learning rate and memory are rescaled so that they are the
/// same per step (Karras et al. 2020, arXiv 1912.04958, appendix B).
OptimizerOptions discriminator_optimizer(const Config& config) {
  OptimizerOptions options = config.discriminator;
  if (is_lazy(config.objective)) {
    const auto every = static_cast<double>(config.objective.penalty_every);
    const double ratio = every / (every + 1);
    options.learning_rate *= ratio;
    options.beta1 = std::pow(options.beta1, ratio);
    options.beta2 = std::pow(options.beta2, ratio);
  }
  return options;
}

}  // namespace

GenerationGame::GenerationGame(const Config& config, const GameInput& input)
    : config_(config),
      device_(input.device),
      classes_(input.classes),
      bfloat16_(uses_bfloat16(config.training.precision, input.device)),
      objective_(input.objective ? input.objective : make_objective(config.objective)),
      generator_(new_generator(config, input, input.classes)),
      averaged_generator_(config.generator.ema > 0 ? new_generator(config, input, input.classes) : nullptr),
      discriminator_(new_discriminator(config, input, input.classes)),
      generator_player_("generator", generator_, config.generator, averaged_generator_, config.generator.ema),
      discriminator_player_("discriminator", discriminator_, discriminator_optimizer(config)),
      augmentation_(config.augmentation) {}

TensorMap GenerationGame::state() {
  TensorMap tensors = Game::state();
  tensors["augmentation.strength"] = augmentation_.strength();
  return tensors;
}

StepReport GenerationGame::step(const StepInput& input) {
  StepReport report;
  discriminator_->use_random(input.random);
  begin_step();

  // Where each side moves once on whole batches, both look at the same fakes: one forward pass of the generator saved.
  const bool shares_fakes = generator_player_.turns_per_step() == 1 && config_.training.accumulate == 1;
  const bool generator_first = config_.training.first_turn == "generator";
  const auto discriminator_moves = [&](Material& material) {
    for (int64_t turn = 1; turn <= discriminator_player_.turns_per_step(); ++turn) {
      // Fakes that the generator's turn will reuse carry its graph; those of the other turns need none.
      const bool generator_follows = !generator_first && turn == discriminator_player_.turns_per_step();
      if (turn > 1 || material.reals.empty()) material = next_material(input, shares_fakes && generator_follows);
      if (!discriminator_turn(input, material, report)) return false;
    }
    const auto every = config_.objective.penalty_every;
    return !is_lazy(config_.objective) || input.step % every != 0 || penalty_turn(input, material, report);
  };
  const auto generator_moves = [&](Material& material) {
    if (input.step < config_.generator.first_step) return true;
    for (int64_t turn = 1; turn <= generator_player_.turns_per_step(); ++turn) {
      if (material.reals.empty()) material = next_material(input, shares_fakes);
      if (!generator_turn(input, material, report)) return false;
    }
    return true;
  };

  Material material;
  if (generator_first) {
    report.finite = generator_moves(material) && discriminator_moves(material);
  } else {
    report.finite = discriminator_moves(material) && generator_moves(material);
  }

  end_step(input, report);
  return report;
}

GenerationGame::Material GenerationGame::next_material(const StepInput& input, bool share_fakes) {
  Material material;
  const Batch batch = input.next_batch();
  const auto parts = config_.training.accumulate;
  const auto images = batch.images.chunk(parts);
  const auto labels = batch.labels.defined() ? batch.labels.chunk(parts) : std::vector<at::Tensor>(images.size());
  for (size_t i = 0; i < images.size(); ++i) {
    material.reals.push_back({.images = images[i], .labels = classes_ > 0 ? labels[i] : at::Tensor()});
    if (share_fakes) {
      material.shared_fakes.push_back(fakes(input, material.reals[i].labels, images[i].size(0)));
    }
  }
  return material;
}

at::Tensor GenerationGame::fakes(const StepInput& input, const at::Tensor& labels, int64_t count) {
  const auto latent = draw_latent(config_.generator, count, input.random).to(device_);
  Precision precision(device_, bfloat16_);
  return generator_->forward(latent, labels);
}

bool GenerationGame::discriminator_turn(const StepInput& input, const Material& material, StepReport& report) {
  const auto parts = static_cast<double>(material.reals.size());
  double total = 0;
  at::Tensor answers_to_reals;
  discriminator_player_.begin_turn();
  for (size_t i = 0; i < material.reals.size(); ++i) {
    const Batch& reals = material.reals[i];
    at::Tensor fake;
    if (!material.shared_fakes.empty()) {
      fake = material.shared_fakes[i].detach();
    } else {
      torch::NoGradGuard no_grad;
      fake = fakes(input, reals.labels, reals.images.size(0));
    }
    const auto [real_logits, fake_logits] = logits_of_both(input, reals, fake);
    auto loss = objective_->discriminator_loss(real_logits, fake_logits);
    total += loss.item<double>() / parts;
    if (has_penalty(config_.objective) && !is_lazy(config_.objective)) {
      loss = loss + penalties(input, reals, fake, 1, report);
    }
    answers_to_reals = real_logits.detach();
    report.real = describe_answers(*objective_, real_logits);
    report.fake = describe_answers(*objective_, fake_logits);
    discriminator_player_.add_gradient(loss / parts);
  }
  report.losses["discriminator"] = total;
  if (!std::isfinite(total) || !discriminator_player_.end_turn()) return false;
  augmentation_.watch(*objective_, answers_to_reals);
  if (objective_->name() == "wasserstein") discriminator_player_.clip_weights(config_.objective.clip);
  return true;
}

bool GenerationGame::penalty_turn(const StepInput& input, const Material& material, StepReport& report) {
  const auto parts = static_cast<double>(material.reals.size());
  discriminator_player_.begin_turn();
  for (size_t i = 0; i < material.reals.size(); ++i) {
    const Batch& reals = material.reals[i];
    at::Tensor fake;
    {
      torch::NoGradGuard no_grad;
      fake = material.shared_fakes.empty() ? fakes(input, reals.labels, reals.images.size(0))
                                           : material.shared_fakes[i].detach();
    }
    const auto loss = penalties(input, reals, fake, static_cast<double>(config_.objective.penalty_every), report);
    discriminator_player_.add_gradient(loss / parts);
  }
  return discriminator_player_.end_turn();
}

bool GenerationGame::generator_turn(const StepInput& input, const Material& material, StepReport& report) {
  const auto parts = static_cast<double>(material.reals.size());
  double total = 0;
  Frozen frozen(discriminator_player_);
  generator_player_.begin_turn();
  for (size_t i = 0; i < material.reals.size(); ++i) {
    const Batch& reals = material.reals[i];
    const auto fake =
        material.shared_fakes.empty() ? fakes(input, reals.labels, reals.images.size(0)) : material.shared_fakes[i];
    at::Tensor real_logits;
    if (objective_->generator_needs_reals()) {
      // Fresh ones: those of the discriminator's turn are what it has just learnt to call real.
      const Batch fresh = input.next_batch();
      torch::NoGradGuard no_grad;
      real_logits = logits(input, fresh.images.narrow(0, 0, fake.size(0)),
                           classes_ > 0 ? fresh.labels.narrow(0, 0, fake.size(0)) : at::Tensor());
    }
    const auto fake_logits = logits(input, fake, reals.labels);
    const auto loss = objective_->generator_loss(fake_logits, real_logits);
    total += loss.item<double>() / parts;
    generator_player_.add_gradient(loss / parts);
  }
  report.losses["generator"] = total;
  return std::isfinite(total) && generator_player_.end_turn();
}

at::Tensor GenerationGame::logits(const StepInput& input, const at::Tensor& images, const at::Tensor& labels) {
  const auto seen = augment(images, augmentation_.options(), input.random);
  Precision precision(device_, bfloat16_);
  return discriminator_->forward(seen, labels);
}

std::pair<at::Tensor, at::Tensor> GenerationGame::logits_of_both(const StepInput& input, const Batch& reals,
                                                                 const at::Tensor& fakes) {
  if (config_.discriminator.normalization == "batch") {
    // Batch statistics of real and fake must not mix.
    return {logits(input, reals.images, reals.labels), logits(input, fakes, reals.labels)};
  }
  const auto labels = reals.labels.defined() ? at::cat({reals.labels, reals.labels}) : at::Tensor();
  const auto both = logits(input, at::cat({reals.images, fakes}), labels).chunk(2);
  return {both[0], both[1]};
}

at::Tensor GenerationGame::penalties(const StepInput& input, const Batch& reals, const at::Tensor& fakes, double factor,
                                     StepReport& report) {
  Precision precision(device_, false);
  const Critic critic = [&](const at::Tensor& images) {
    return discriminator_->forward(augment(images, augmentation_.options(), input.random), reals.labels);
  };
  const auto& objective = config_.objective;
  at::Tensor sum;
  const auto add = [&](const char* name, const at::Tensor& penalty) {
    report.losses[name] = penalty.item<double>();
    sum = sum.defined() ? sum + penalty : penalty;
  };
  if (objective.r1 > 0) add("r1", factor * objective.r1 / 2 * zero_centered_penalty(critic, reals.images));
  if (objective.r2 > 0) add("r2", factor * objective.r2 / 2 * zero_centered_penalty(critic, fakes));
  if (objective.gradient_penalty > 0) {
    add("gradient_penalty",
        factor * objective.gradient_penalty * one_centered_penalty(critic, reals.images, fakes, input.random));
  }
  return sum;
}

at::Tensor GenerationGame::preview(int64_t count, uint64_t seed) {
  torch::NoGradGuard no_grad;
  const ItemRandom random(derive_seed(seed, Stream::preview));
  const auto latent = draw_latent(config_.generator, count, random).to(device_);
  const auto labels = classes_ > 0 ? at::arange(count, latent.options().dtype(at::kLong)) % classes_ : at::Tensor();
  LatentGenerator& generator = averaged_generator_ ? *averaged_generator_ : *generator_;
  generator.eval();
  const auto images = generator.forward(latent, labels);
  if (!averaged_generator_) generator_->train();
  return images;
}

}  // namespace forger
