#include "config/autoencoding_section.h"

#include <tuple>

#include "config/option_helpers.h"
#include "core/fail.h"

namespace forger {

Section autoencoding_section() {
  return {"autoencoding",
          {
              {"autoencoding.reconstruction", place<&Config::autoencoding, &AutoencodingOptions::reconstruction>,
               range(0, 1e6),
               "Weight of the likeness of an image and its reconstruction; more: truer, and samples less free."},
              {"autoencoding.distance",
               place<&Config::autoencoding, &AutoencodingOptions::distance>,
               {.words = {"likelihood", "absolute", "squared"},
                .other_names = {{"l1", "absolute"}, {"l2", "squared"}, {"mse", "squared"}}},
               "Of the two: Gaussian likelihood with its best variance, or mean difference of the pixels."},
              {"autoencoding.features", place<&Config::autoencoding, &AutoencodingOptions::features>, range(0, 1e6),
               "Weight of their squared difference in the discriminator's features."},
              {"autoencoding.adversary", place<&Config::autoencoding, &AutoencodingOptions::adversary>, range(0, 1e6),
               "Weight of the discriminator's opinion in the generator's loss; 0: no discriminator."},
              {"autoencoding.codes",
               place<&Config::autoencoding, &AutoencodingOptions::codes>,
               {.words = {"kl", "adversarial"},
                .other_names = {{"vae", "kl"}, {"aae", "adversarial"}, {"gan", "adversarial"}}},
               "How codes come to the latent's distribution: variational, or judged by a discriminator of their own."},
              {"autoencoding.code_noise", place<&Config::autoencoding, &AutoencodingOptions::code_noise>, below(0, 1),
               "Standard deviation of noise on adversarial codes in training, which fills the latent around each."},
              {"autoencoding.adaptive_code_noise",
               place<&Config::autoencoding, &AutoencodingOptions::adaptive_code_noise>,
               {},
               "That noise is the most: less, as far as codes cannot be told from the latent for that."},
              {"autoencoding.code_mismatch", place<&Config::autoencoding, &AutoencodingOptions::code_mismatch>,
               range(0, 1e6),
               "Weight of the mismatch between adversarial codes and latents as a whole, beside the discriminator's "
               "opinion."},
              {"autoencoding.code_weight", place<&Config::autoencoding, &AutoencodingOptions::code_weight>,
               range(0, 1e6), "Weight of what is asked of codes; more: samples better, reconstructions worse."},
              {"autoencoding.warmup_steps", place<&Config::autoencoding, &AutoencodingOptions::warmup_steps>, count(),
               "Steps over which the weight of kl grows from 0."},
              {"autoencoding.free_bits", place<&Config::autoencoding, &AutoencodingOptions::free_bits>, range(0, 100),
               "Nats for each number of the latent below which kl asks for nothing."},
          }};
}

void check_autoencoding(const Config& config) {
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
  refuse(objective.name.starts_with("wasserstein") || objective.name.starts_with("relativistic"), "objective.name",
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

}  // namespace forger
