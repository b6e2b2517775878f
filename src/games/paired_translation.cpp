#include "games/paired_translation.h"

#include <cmath>
#include <optional>

#include "config/architecture.h"
#include "core/random.h"
#include "core/torch.h"
#include "games/exhibit.h"
#include "networks/catalog.h"
#include "networks/describe.h"
#include "networks/evaluation_mode.h"
#include "players/precision.h"

namespace forger {
namespace {

std::shared_ptr<ImageGenerator> new_translator(const Config& config, const GameInput& input) {
  const auto random = make_random(derive_seed(config.training.seed, Stream::generator_weights));
  auto translator = make_translator(config.translator, input.source_shape.channels, input.shape.channels, random);
  translator->to(input.device);
  translator->draw_in_evaluation(true);  // dropout is what makes one image's translations differ
  return translator;
}

std::shared_ptr<ImageGenerator> new_averaged_translator(const Config& config, const GameInput& input) {
  return config.translator.ema > 0 ? new_translator(config, input) : nullptr;
}

/// What the discriminator is shown: the source's channels, then the image's.
ImageShape shape_of_pairs(const GameInput& input) {
  return {input.source_shape.channels + input.shape.channels, input.shape.height, input.shape.width};
}

at::Tensor as_pairs(const at::Tensor& sources, const at::Tensor& images) { return at::cat({sources, images}, 1); }

/// Each image has its truth, and with a discriminator they are to look like real ones as well.
class TranslatorExhibit : public Exhibit {
 public:
  TranslatorExhibit(const Config& config, const GameInput& input)
      : Exhibit(config, input, new_translator(config, input), new_averaged_translator(config, input),
                shape_of_pairs(input)) {}
  Origins draw_origins(int64_t count, const ItemRandom&, const Origins& given) const override {
    return {.sources = given.sources.narrow(0, 0, count)};
  }
  bool imitates_data() const override { return has_discriminator(); }
  bool has_truths() const override { return true; }

 protected:
  at::Tensor make(Network& generator, const Origins& origins) override {
    generator.use_random(ItemRandom(derive_seed(config().training.seed, Stream::referee)));
    return dynamic_cast<ImageGenerator&>(generator).forward(origins.sources);
  }
  at::Tensor seen(const at::Tensor& images, const Origins& origins) const override {
    return as_pairs(origins.sources, images);
  }
};

}  // namespace

PairedTranslationGame::PairedTranslationGame(const Config& config, const GameInput& input)
    : config_(config),
      input_(input),
      bfloat16_(uses_bfloat16(config.training.precision, input.device)),
      generator_(new_translator(config, input)),
      averaged_generator_(new_averaged_translator(config, input)),
      generator_player_("generator", generator_, config.translator, averaged_generator_, config.translator.ema),
      adversary_(config.has_discriminator()
                     ? std::make_unique<Adversary>(config, input, shape_of_pairs(input), /*classes=*/0)
                     : nullptr) {}

std::vector<Player*> PairedTranslationGame::players() {
  std::vector<Player*> players = {&generator_player_};
  if (adversary_) players.push_back(&adversary_->player());
  return players;
}

TensorMap PairedTranslationGame::state() {
  TensorMap tensors = Game::state();
  if (adversary_) adversary_->add_state(tensors);
  return tensors;
}

std::string PairedTranslationGame::describe() const {
  std::string tables = describe_network(config_.translator, input_.source_shape, input_.shape.channels);
  if (adversary_) tables += describe_network(config_.discriminator, shape_of_pairs(input_), /*classes=*/0);
  return tables;
}

std::vector<ModelPart> PairedTranslationGame::parts() const {
  return {{"generator", "translator", architecture_of(config_, "translator")}};
}

std::unique_ptr<Exhibit> PairedTranslationGame::exhibit() const {
  return std::make_unique<TranslatorExhibit>(config_, input_);
}

StepReport PairedTranslationGame::step(const StepInput& input) {
  StepReport report;
  generator_->use_random(input.random);  // dropout takes the place of a latent
  if (adversary_) adversary_->begin_step(input.random);
  begin_step();

  const Batch batch = input.next_batch();
  at::Tensor fakes;
  {
    Precision precision(input_.device, bfloat16_);
    fakes = generator_->forward(batch.sources);
  }
  const Batch reals{.images = as_pairs(batch.sources, batch.images)};
  const auto shown = [&](size_t) -> Shown { return {reals, {as_pairs(batch.sources, fakes.detach())}}; };
  report.finite =
      !adversary_ || (adversary_->turn(input, 1, shown, report) &&
                      (!adversary_->owes_penalty(input.step) || adversary_->penalty_turn(input, 1, shown, report)));
  report.finite = report.finite && generator_turn(input, batch, fakes, report);

  end_step(input, report);
  return report;
}

bool PairedTranslationGame::generator_turn(const StepInput& input, const Batch& batch, const at::Tensor& fakes,
                                           StepReport& report) {
  const auto& options = config_.translation;
  std::optional<Frozen> frozen;
  if (adversary_) frozen.emplace(adversary_->player());
  generator_player_.begin_turn();
  const auto difference = (fakes - batch.images).abs().mean();
  report.losses["pixels"] = difference.item<double>();
  auto loss = options.pixels * difference;
  if (adversary_) {
    at::Tensor real_logits;
    if (adversary_->objective().generator_needs_reals()) {
      torch::NoGradGuard no_grad;
      real_logits = adversary_->logits(input, as_pairs(batch.sources, batch.images), {});
    }
    const auto opinion = adversary_->generator_loss(input, {as_pairs(batch.sources, fakes)}, {}, real_logits);
    report.losses["generator"] = opinion.item<double>();
    loss = loss + options.adversary * opinion;
  }
  if (!std::isfinite(loss.item<double>())) return false;
  generator_player_.add_gradient(loss);
  return generator_player_.end_turn();
}

at::Tensor PairedTranslationGame::preview(const PreviewInput& input) {
  torch::NoGradGuard no_grad;
  Precision precision(input_.device, bfloat16_);
  auto& shown = averaged_generator_ ? *averaged_generator_ : *generator_;
  const EvaluationMode evaluating(shown);
  shown.use_random(ItemRandom(derive_seed(input.seed, Stream::preview)));
  return shown.forward(input.sources.to(input_.device)).cpu();
}

}  // namespace forger
