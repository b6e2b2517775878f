#include "games/paired_translation.h"

#include <cmath>
#include <optional>

#include "config/architecture.h"
#include "core/team.h"
#include "core/torch.h"
#include "games/translator_exhibit.h"
#include "networks/describe.h"
#include "networks/label_map.h"
#include "players/precision.h"

namespace forger {
namespace {

/// Networks are shown a channel for each kind of a label map.
GameInput with_kinds(const Config& config, GameInput input) {
  if (config.pairs.kinds > 0) input.source_shape.channels = config.pairs.kinds;
  return input;
}

at::Tensor shown_sources(const Config& config, const at::Tensor& sources) {
  return config.pairs.kinds > 0 ? as_kind_channels(sources, config.pairs.kinds) : sources;
}

/// What the discriminator is shown: the source's channels, then the image's.
ImageShape shape_of_pairs(const GameInput& input) {
  return {input.source_shape.channels + input.shape.channels, input.shape.height, input.shape.width};
}

at::Tensor as_pairs(const at::Tensor& sources, const at::Tensor& images) { return at::cat({sources, images}, 1); }

/// Each image has its truth, and with a discriminator they are to look like real ones as well.
class PairExhibit : public SourceExhibit {
 public:
  PairExhibit(const Config& config, const GameInput& input) : SourceExhibit(config, input, shape_of_pairs(input)) {}
  bool imitates_data() const override { return has_discriminator(); }
  bool has_truths() const override { return true; }
  bool has_image_sources() const override { return config().pairs.kinds == 0; }

 protected:
  at::Tensor make(Network& generator, const Origins& origins) override {
    return SourceExhibit::make(generator, {.sources = shown_sources(config(), origins.sources)});
  }
  at::Tensor seen(const at::Tensor& images, const Origins& origins) const override {
    return as_pairs(shown_sources(config(), origins.sources), images);
  }
};

}  // namespace

PairedTranslationGame::PairedTranslationGame(const Config& config, const GameInput& input)
    : config_(config),
      input_(with_kinds(config, input)),
      bfloat16_(uses_bfloat16(config.training.precision, input.device)),
      generator_(new_translator(config, input_)),
      averaged_generator_(new_averaged_translator(config, input_)),
      generator_player_("generator", generator_, config.translator, averaged_generator_, config.translator.ema),
      adversary_(config.has_discriminator()
                     ? std::make_unique<Adversary>(config, input_, shape_of_pairs(input_), /*classes=*/0)
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
  return std::make_unique<PairExhibit>(config_, input_);
}

StepReport PairedTranslationGame::step(const StepInput& input) {
  StepReport report;
  generator_->use_random(input.random);  // dropout takes the place of a latent
  if (adversary_) adversary_->begin_step(input.random);
  begin_step();

  Batch batch = input.next_batch();
  batch.sources = shown_sources(config_, batch.sources);
  at::Tensor fakes;
  {
    Precision precision(input_.device, bfloat16_);
    fakes = generator_->forward(batch.sources);
  }
  if (adversary_) {
    const Batch reals{.images = as_pairs(batch.sources, batch.images)};
    const Shown shown{reals, {as_pairs(batch.sources, fakes.detach())}};
    report.finite = adversary_->only_turn(input, shown, report);
  }
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
    const auto opinion =
        adversary_->generator_loss_beside(input, as_pairs(batch.sources, batch.images), as_pairs(batch.sources, fakes));
    report.losses["generator"] = opinion.item<double>();
    loss = loss + options.adversary * opinion;
  }
  if (!is_finite_everywhere(loss.item<double>())) return false;
  complete_gradients({&generator_player_}, loss);
  return generator_player_.end_turn();
}

at::Tensor PairedTranslationGame::preview(const PreviewInput& input) {
  auto& shown = averaged_generator_ ? *averaged_generator_ : *generator_;
  return translated(shown, shown_sources(config_, input.sources), input.seed, input_.device, bfloat16_);
}

}  // namespace forger
