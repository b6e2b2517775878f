#include "games/one_sided_translation.h"

#include <algorithm>
#include <cmath>

#include "config/architecture.h"
#include "core/fail.h"
#include "core/random.h"
#include "core/team.h"
#include "core/torch.h"
#include "games/translator_exhibit.h"
#include "networks/describe.h"
#include "networks/evaluation_mode.h"
#include "objectives/contrast.h"
#include "players/precision.h"

namespace forger {
namespace {

/// What is made goes into the network as its sources do.
GameInput with_equal_channels(GameInput input) {
  const int64_t made = input.shape.channels, from = input.source_shape.channels;
  if (made == from) return input;
  fail(
      "pairs.channels: received {} with images of {} channels and game = \"one-sided-translation\", accepted: as many "
      "on both sides (data.channels, pairs.channels)",
      from, made);
}

std::shared_ptr<PlaceHeads> new_heads(const Config& config, const GameInput& input, ImageGenerator& generator) {
  torch::NoGradGuard no_grad;
  const EvaluationMode evaluating(generator);
  const auto& [channels, height, width] = input.source_shape;
  std::vector<int64_t> of_levels;
  for (const auto& level : generator.levels(at::zeros({1, channels, height, width}, input.device)))
    of_levels.push_back(level.size(1));
  const auto random = make_random(derive_seed(config.training.seed, Stream::heads_weights));
  auto heads = std::make_shared<PlaceHeads>(of_levels, config.contrast.width, random);
  heads->to(input.device);
  return heads;
}

}  // namespace

OneSidedTranslationGame::OneSidedTranslationGame(const Config& config, const GameInput& input)
    : config_(config),
      input_(with_equal_channels(input)),
      bfloat16_(uses_bfloat16(config.training.precision, input.device)),
      generator_(new_translator(config, input)),
      averaged_generator_(new_averaged_translator(config, input)),
      heads_(new_heads(config, input, *generator_)),
      generator_player_("generator", generator_, config.translator, averaged_generator_, config.translator.ema),
      heads_player_("heads", heads_, config.translator),
      adversary_(config, input, input.shape, /*classes=*/0) {}

std::vector<Player*> OneSidedTranslationGame::players() {
  return {&generator_player_, &adversary_.player(), &heads_player_};
}

TensorMap OneSidedTranslationGame::state() {
  TensorMap tensors = Game::state();
  adversary_.add_state(tensors);
  return tensors;
}

std::string OneSidedTranslationGame::describe() const {
  return describe_network(config_.translator, input_.source_shape, input_.shape.channels) +
         describe_network(config_.discriminator, input_.shape, /*classes=*/0);
}

std::vector<ModelPart> OneSidedTranslationGame::parts() const {
  return {{"generator", "translator", architecture_of(config_, "translator")}};
}

std::unique_ptr<Exhibit> OneSidedTranslationGame::exhibit() const {
  return std::make_unique<SourceExhibit>(config_, input_, input_.shape);
}

StepReport OneSidedTranslationGame::step(const StepInput& input) {
  StepReport report;
  generator_->use_random(input.random);
  adversary_.begin_step(input.random);
  begin_step();

  const Batch batch = input.next_batch();
  MadeWithLevels made;
  {
    // In one pass, as the paper's program does it, also with batch statistics.
    Precision precision(input_.device, bfloat16_);
    made = generator_->forward_with_levels(config_.contrast.identity > 0 ? at::cat({batch.sources, batch.images})
                                                                         : batch.sources);
  }
  const auto fakes = made.images.narrow(0, 0, batch.sources.size(0)).detach();
  const Shown shown{{.images = batch.images}, {fakes}};
  report.finite = adversary_.only_turn(input, shown, report) && generator_turn(input, batch, made, report);

  end_step(input, report);
  return report;
}

bool OneSidedTranslationGame::generator_turn(const StepInput& input, const Batch& batch, const MadeWithLevels& made,
                                             StepReport& report) {
  const auto& options = config_.contrast;
  const Frozen frozen(adversary_.player());
  generator_player_.begin_turn();
  heads_player_.begin_turn();
  const int64_t count = batch.sources.size(0);
  const auto opinion = adversary_.generator_loss_beside(input, batch.images, made.images.narrow(0, 0, count));
  report.losses["generator"] = opinion.item<double>();
  const auto unlike = contrast(input, made);
  const auto of_fakes = unlike.narrow(0, 0, count).mean();
  report.losses["contrast"] = of_fakes.item<double>();
  auto loss = options.adversary * opinion + options.weight * of_fakes;
  if (options.identity > 0) {
    const auto of_same = unlike.narrow(0, count, count).mean();
    report.losses["identity"] = of_same.item<double>();
    loss = loss + options.identity * of_same;
  }
  if (!is_finite_everywhere(loss.item<double>())) return false;
  complete_gradients({&generator_player_, &heads_player_}, loss);
  return generator_player_.end_turn() && heads_player_.end_turn();
}

/// Gradients come through what was made alone: what it was made from is what it is to show.
at::Tensor OneSidedTranslationGame::contrast(const StepInput& input, const MadeWithLevels& made) {
  const auto& options = config_.contrast;
  Precision precision(input_.device, bfloat16_);
  const auto shown = generator_->levels(made.images);
  at::Tensor sum;
  for (size_t level = 0; level < shown.size(); ++level) {
    const int64_t all = shown[level].size(2) * shown[level].size(3);
    const auto order = input.random.for_all().uniform({all}).argsort().narrow(0, 0, std::min(options.places, all));
    const auto places = order.to(input_.device);
    at::Tensor keys;
    {
      torch::NoGradGuard no_grad;
      keys = heads_->at_places(level, made.levels[level], places);
    }
    const auto queries = heads_->at_places(level, shown[level], places);
    Precision full(input_.device, false);
    const auto unlike = place_contrast(queries, keys, options.temperature);
    sum = sum.defined() ? sum + unlike : unlike;
  }
  return sum / static_cast<double>(shown.size());
}

at::Tensor OneSidedTranslationGame::preview(const PreviewInput& input) {
  auto& shown = averaged_generator_ ? *averaged_generator_ : *generator_;
  return translated(shown, input.sources, input.seed, input_.device, bfloat16_);
}

}  // namespace forger
