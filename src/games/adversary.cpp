#include "games/adversary.h"

#include <cmath>

#include "core/random.h"
#include "core/team.h"
#include "core/torch.h"
#include "games/answers.h"
#include "games/augmentation.h"
#include "games/rotations.h"
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

constexpr const char* kFirstAdversary = "discriminator";

/// Others of a game begin with other weights.
std::shared_ptr<Discriminator> new_discriminator(const Config& config, const GameInput& input, const ImageShape& shape,
                                                 int64_t classes, const std::string& name) {
  const uint64_t number = name == kFirstAdversary ? 0 : 1;
  auto discriminator =
      make_discriminator(config.discriminator, shape, classes,
                         make_random(derive_seed(config.training.seed, Stream::discriminator_weights, number)));
  discriminator->to(input.device);
  return discriminator;
}

}  // namespace

Adversary::Adversary(const Config& config, const GameInput& input, const ImageShape& shape, int64_t classes,
                     const std::string& name)
    : config_(config),
      strength_name_(name == kFirstAdversary ? "augmentation.strength" : name + ".augmentation.strength"),
      device_(input.device),
      source_channels_(shape.channels - input.shape.channels),
      bfloat16_(uses_bfloat16(config.training.precision, input.device)),
      objective_(input.objective ? input.objective : make_objective(config.objective)),
      network_(new_discriminator(config, input, shape, classes, name)),
      player_(name, network_, discriminator_optimizer(config)),
      augmentation_(config.augmentation) {}

bool Adversary::turn(const StepInput& input, size_t parts, const Part& part, StepReport& report) {
  double total = 0;
  at::Tensor answers_to_reals;
  player_.begin_turn();
  for (size_t i = 0; i < parts; ++i) {
    const Shown shown = part(i);
    auto groups = shown.fakes;
    groups.insert(groups.begin(), shown.reals.images);
    const auto answers = logits_of(input, groups, shown.reals.labels);
    const auto& real_logits = answers.front();
    const auto fake_logits = at::cat(std::vector<at::Tensor>(answers.begin() + 1, answers.end()));
    auto loss = objective_->discriminator_loss(real_logits, fake_logits);
    total += loss.item<double>() / static_cast<double>(parts);
    if (has_penalty(config_.objective) && !is_lazy(config_.objective)) {
      loss = loss + penalties(input, shown, 1, report);
    }
    answers_to_reals = real_logits.detach();
    report.real = describe_answers(*objective_, real_logits);
    report.fake = describe_answers(*objective_, fake_logits);
    if (config_.discriminator.rotations > 0) {
      player_.add_gradient(loss / static_cast<double>(parts), /*is_last=*/false);
      const auto question = rotation_loss(shown.reals.images);
      report.losses["rotations"] = question.item<double>();
      loss = config_.discriminator.rotations * question;
    }
    player_.add_gradient(loss / static_cast<double>(parts), /*is_last=*/i + 1 == parts);
  }
  report.losses["discriminator"] = total;
  if (!std::isfinite(total) || !player_.end_turn()) return false;
  augmentation_.watch(*objective_, answers_to_reals);
  if (objective_->name() == "wasserstein") player_.clip_weights(config_.objective.clip);
  return true;
}

bool Adversary::owes_penalty(int64_t step) const {
  return is_lazy(config_.objective) && step % config_.objective.penalty_every == 0;
}

bool Adversary::only_turn(const StepInput& input, const Shown& shown, StepReport& report) {
  const auto whole = [&](size_t) { return shown; };
  return turn(input, 1, whole, report) && (!owes_penalty(input.step) || penalty_turn(input, 1, whole, report));
}

bool Adversary::penalty_turn(const StepInput& input, size_t parts, const Part& part, StepReport& report) {
  player_.begin_turn();
  for (size_t i = 0; i < parts; ++i) {
    const auto loss = penalties(input, part(i), static_cast<double>(config_.objective.penalty_every), report);
    player_.add_gradient(loss / static_cast<double>(parts), /*is_last=*/i + 1 == parts);
  }
  return player_.end_turn();
}

at::Tensor Adversary::augmented(const at::Tensor& images, const StepInput& input) const {
  return augment(images, augmentation_.options(), input.random, source_channels_, config_.pairs.kinds > 0);
}

at::Tensor Adversary::logits(const StepInput& input, const at::Tensor& images, const at::Tensor& labels) {
  return of_whole_batch(own_logits(input, images, labels));
}

at::Tensor Adversary::own_logits(const StepInput& input, const at::Tensor& images, const at::Tensor& labels) {
  const auto seen = augmented(images, input);
  Precision precision(device_, bfloat16_);
  return network_->forward(seen, labels);
}

at::Tensor Adversary::generator_loss(const StepInput& input, const std::vector<at::Tensor>& fakes,
                                     const at::Tensor& labels, const at::Tensor& real_logits) {
  return objective_->generator_loss(at::cat(logits_of(input, fakes, labels)), real_logits);
}

at::Tensor Adversary::generator_loss_beside(const StepInput& input, const at::Tensor& reals, const at::Tensor& fakes) {
  at::Tensor real_logits;
  if (objective_->generator_needs_reals()) {
    torch::NoGradGuard no_grad;
    real_logits = logits(input, reals, {});
  }
  return generator_loss(input, {fakes}, {}, real_logits);
}

std::vector<at::Tensor> Adversary::logits_of(const StepInput& input, const std::vector<at::Tensor>& groups,
                                             const at::Tensor& labels) {
  std::vector<at::Tensor> answers;
  if (config_.discriminator.normalization == "batch" || groups.size() == 1) {
    // Batch statistics of real and fake must not mix.
    for (const auto& group : groups) answers.push_back(logits(input, group, labels));
    return answers;
  }
  const auto all_labels = labels.defined() ? at::cat(std::vector<at::Tensor>(groups.size(), labels)) : at::Tensor();
  for (const auto& group : own_logits(input, at::cat(groups), all_labels).chunk(static_cast<int64_t>(groups.size()))) {
    answers.push_back(of_whole_batch(group));
  }
  return answers;
}

at::Tensor Adversary::penalties(const StepInput& input, const Shown& shown, double factor, StepReport& report) {
  Precision precision(device_, false);
  const auto& labels = shown.reals.labels;
  const Critic critic = [&](const at::Tensor& images) { return network_->forward(augmented(images, input), labels); };
  const auto& objective = config_.objective;
  at::Tensor sum;
  const auto add = [&](const char* name, const at::Tensor& penalty) {
    report.losses[name] = penalty.item<double>();
    sum = sum.defined() ? sum + penalty : penalty;
  };
  const auto& reals = shown.reals.images;
  const auto& fakes = shown.fakes.front();
  if (objective.r1 > 0) add("r1", factor * objective.r1 / 2 * zero_centered_penalty(critic, reals));
  if (objective.r2 > 0) add("r2", factor * objective.r2 / 2 * zero_centered_penalty(critic, fakes));
  if (objective.gradient_penalty > 0) {
    add("gradient_penalty",
        factor * objective.gradient_penalty * one_centered_penalty(critic, reals, fakes, input.random));
  }
  return sum;
}

at::Tensor Adversary::rotation_loss(const at::Tensor& reals) {
  at::Tensor answers;
  {
    Precision precision(device_, bfloat16_);
    answers = network_->rotations(rotated(reals));
  }
  return at::cross_entropy_loss(answers, rotation_numbers(reals));
}

}  // namespace forger
