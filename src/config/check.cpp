#include <tuple>

#include "config/schema.h"
#include "config/value.h"
#include "core/fail.h"
#include "forger/config.h"

namespace forger {
namespace {

void check_data(const DataOptions& data) {
  const bool points = data.source.starts_with("synthetic:") || data.size == std::vector<int64_t>{1, 1};
  if (data.channels == 2 && !points) {
    fail("data.channels: received 2, accepted: 0, 1, 3, 4 for images (2 is for points, synthetic:ring8)");
  }
}

void check_widths(const std::string& section, int64_t width, int64_t max_width) {
  if (width <= max_width) return;
  fail("{}.max_width: received {}, accepted: at least {}.width, which is {}", section, max_width, section, width);
}

/// Batch normalisation makes a logit depend on the other images, so that an image's own gradient, which the
/// penalties are about, has no meaning (Gulrajani et al. 2017, section 4).
void check_penalties(const DiscriminatorOptions& discriminator, const ObjectiveOptions& objective) {
  const bool batch = discriminator.normalization == "batch" || discriminator.network == "pytorch-gan";
  if (!batch) return;
  const auto refuse = [&](const char* penalty, double weight) {
    if (weight <= 0) return;
    const char* has = discriminator.normalization == "batch" ? "discriminator.normalization = \"batch\""
                                                             : "discriminator.network = \"pytorch-gan\"";
    fail(
        "objective.{}: received {} with {}, accepted: 0, or a discriminator whose normalization is none or "
        "instance",
        penalty, weight, has);
  };
  refuse("gradient_penalty", objective.gradient_penalty);
  refuse("r1", objective.r1);
  refuse("r2", objective.r2);
}

void check_objective(const ObjectiveOptions& objective) {
  const std::string& name = objective.name;
  if (name == "wasserstein-gp" && objective.gradient_penalty == 0) {
    fail(
        "objective.gradient_penalty: received 0 with objective.name = \"wasserstein-gp\", accepted: above 0 "
        "(10 in "
        "the paper)");
  }
  if (name == "wasserstein" && objective.gradient_penalty > 0) {
    fail(
        "objective.gradient_penalty: received {} with objective.name = \"wasserstein\", which clips weights "
        "instead, "
        "accepted: 0, or objective.name = \"wasserstein-gp\"",
        objective.gradient_penalty);
  }
  if (name != "wasserstein" && objective.clip != ObjectiveOptions{}.clip) {
    fail("objective.clip: received {} with objective.name = \"{}\", accepted: only with \"wasserstein\"",
         objective.clip, name);
  }
  const bool smooths =
      name == "minimax" || name == "non-saturating" || name == "density-ratio" || name == "least-squares";
  if (objective.label_smoothing > 0 && !smooths) {
    fail(
        "objective.label_smoothing: received {} with objective.name = \"{}\", accepted: only with minimax, "
        "non-saturating, density-ratio, least-squares",
        objective.label_smoothing, name);
  }
}

/// Beyond this probability changes leak into the samples (Karras et al. 2020, section 2.2).
constexpr double kMostAdaptive = 0.8;

void check_augmentation(const AugmentationOptions& augmentation, const ObjectiveOptions& objective) {
  if (!augmentation.adaptive) return;
  if (objective.name.starts_with("wasserstein") || objective.name == "relativistic") {
    fail(
        "augmentation.adaptive: received true with objective.name = \"{}\", whose logits have no zero that parts real "
        "from fake, accepted: false, or another objective",
        objective.name);
  }
  const auto limit = [&](const char* name, double probability) {
    if (probability <= kMostAdaptive) return;
    fail("augmentation.{}: received {} with augmentation.adaptive, accepted: at most {}, beyond which samples show it",
         name, probability, kMostAdaptive);
  };
  limit("flip", augmentation.flip);
  limit("translation", augmentation.translation);
  limit("color", augmentation.color);
  limit("cutout", augmentation.cutout);
}

/// What only the autoencoding game does.
void check_detector(const Config& config) {
  const bool plays = config.game == "autoencoding" && config.has_discriminator();
  const auto need_it = [&](const char* key, const auto& received) {
    if (received > 0 && !plays) {
      fail("{}: received {}, accepted: 0, or game = \"autoencoding\" with autoencoding.adversary above 0", key,
           received);
    }
  };
  need_it("discriminator.rotations", config.discriminator.rotations);
  need_it("detector.normals", config.detector.normals);
  if (config.pixel_discriminator.width > 0 && config.detector.normals == 0) {
    fail("pixel_discriminator.width: received {}, accepted: 0, or detector.normals above 0: only a detector asks it",
         config.pixel_discriminator.width);
  }
}

/// The autoencoding game plays each side once a step, on whole batches, without penalties.
void check_autoencoding(const Config& config) {
  if (config.game != "autoencoding") return;
  const auto refuse = [](bool wrong, const char* key, const auto& received, const char* accepted) {
    if (wrong) fail("{}: received {} with game = \"autoencoding\", accepted: {}", key, received, accepted);
  };
  const auto& [autoencoding, objective] = std::tie(config.autoencoding, config.objective);
  refuse(config.data.labels, "data.labels", "true", "false");
  refuse(config.generator.turns_per_step != 1, "generator.turns_per_step", config.generator.turns_per_step, "1");
  refuse(config.discriminator.turns_per_step != 1, "discriminator.turns_per_step", config.discriminator.turns_per_step,
         "1");
  refuse(config.encoder.turns_per_step != 1, "encoder.turns_per_step", config.encoder.turns_per_step, "1");
  refuse(config.code_discriminator.turns_per_step != 1, "code_discriminator.turns_per_step",
         config.code_discriminator.turns_per_step, "1");
  refuse(config.training.accumulate != 1, "training.accumulate", config.training.accumulate, "1");
  refuse(config.training.first_turn != "discriminator", "training.first_turn", "\"generator\"", "discriminator");
  refuse(config.generator.first_step != 1, "generator.first_step", config.generator.first_step, "1");
  refuse(objective.r1 > 0, "objective.r1", objective.r1, "0");
  refuse(objective.r2 > 0, "objective.r2", objective.r2, "0");
  refuse(objective.gradient_penalty > 0, "objective.gradient_penalty", objective.gradient_penalty, "0");
  refuse(objective.name.starts_with("wasserstein") || objective.name == "relativistic", "objective.name",
         "\"" + objective.name + "\"", "minimax, non-saturating, density-ratio, least-squares, hinge");
  refuse(autoencoding.features > 0 && autoencoding.adversary == 0, "autoencoding.features", autoencoding.features,
         "0, or autoencoding.adversary above 0: without a discriminator there are no features");
  refuse(autoencoding.reconstruction == 0 && autoencoding.features == 0, "autoencoding.reconstruction", 0,
         "above 0, or autoencoding.features above 0");
  refuse(autoencoding.codes == "kl" && autoencoding.code_noise > 0, "autoencoding.code_noise", autoencoding.code_noise,
         "0, or autoencoding.codes = \"adversarial\"");
  refuse(autoencoding.adaptive_code_noise && autoencoding.code_noise == 0, "autoencoding.adaptive_code_noise", "true",
         "false, or autoencoding.code_noise above 0, the most that it may become");
  refuse(autoencoding.codes == "kl" && autoencoding.code_mismatch > 0, "autoencoding.code_mismatch",
         autoencoding.code_mismatch, "0, or autoencoding.codes = \"adversarial\"");
  refuse(autoencoding.codes == "kl" && config.generator.latent != "normal", "generator.latent",
         "\"" + config.generator.latent + "\"", "normal, or autoencoding.codes = \"adversarial\"");
}

void check_training(const TrainingOptions& training) {
  if (training.batch_size % training.accumulate != 0) {
    fail("training.accumulate: received {}, accepted: a divisor of training.batch_size, which is {}",
         training.accumulate, training.batch_size);
  }
  if (training.schedule == "constant") return;
  const int64_t length = training.schedule_steps > 0 ? training.schedule_steps : training.steps;
  if (length == 0) {
    fail(
        "training.schedule: received \"{}\" without a length, accepted: with training.steps or "
        "training.schedule_steps above 0",
        training.schedule);
  }
  if (training.warmup_steps >= length) {
    fail("training.warmup_steps: received {}, accepted: fewer than the schedule's {} steps", training.warmup_steps,
         length);
  }
}

}  // namespace

void Config::check() const {
  for (const auto& option : options()) check_value(option, *this);
  check_data(data);
  check_widths("generator", generator.width, generator.max_width);
  check_widths("discriminator", discriminator.width, discriminator.max_width);
  check_widths("encoder", encoder.width, encoder.max_width);
  check_penalties(discriminator, objective);
  check_objective(objective);
  check_augmentation(augmentation, objective);
  check_training(training);
  check_autoencoding(*this);
  check_detector(*this);
  if (referee.mode == "off" && (referee.mend || referee.until != "budget")) {
    fail("referee.mode: received \"off\", accepted with referee.mend or referee.until: light or full");
  }
}

}  // namespace forger
