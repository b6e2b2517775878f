#include "games/unpaired_translation.h"

#include <cmath>
#include <utility>

#include "config/architecture.h"
#include "core/team.h"
#include "core/torch.h"
#include "games/translator_exhibit.h"
#include "networks/describe.h"
#include "players/precision.h"

namespace forger {
namespace {

/// What the way back takes for images are the sources of the way there.
GameInput turned_round(GameInput input) {
  std::swap(input.shape, input.source_shape);
  return input;
}

at::Tensor mean_difference(const at::Tensor& one, const at::Tensor& other) { return (one - other).abs().mean(); }

}  // namespace

UnpairedTranslationGame::Way::Way(const Config& config, const GameInput& input, bool back)
    : generator(new_translator(config, input, back ? 1 : 0)),
      averaged(new_averaged_translator(config, input, back ? 1 : 0)),
      player(back ? "generator-back" : "generator", generator, config.translator, averaged, config.translator.ema),
      adversary(config, input, input.shape, /*classes=*/0, back ? "discriminator-back" : "discriminator"),
      pool(config.cycle.pool, input.shape, input.device) {}

UnpairedTranslationGame::UnpairedTranslationGame(const Config& config, const GameInput& input)
    : config_(config),
      input_(input),
      bfloat16_(uses_bfloat16(config.training.precision, input.device)),
      has_identity_(config.cycle.identity > 0 && input.shape.channels == input.source_shape.channels),
      there_(config, input, /*back=*/false),
      back_(config, turned_round(input), /*back=*/true) {}

std::vector<Player*> UnpairedTranslationGame::players() {
  return {&there_.player, &back_.player, &there_.adversary.player(), &back_.adversary.player()};
}

TensorMap UnpairedTranslationGame::state() {
  TensorMap tensors = Game::state();
  for (const auto& [way, pool] : {std::pair(&there_, "pool"), std::pair(&back_, "pool-back")}) {
    way->adversary.add_state(tensors);
    way->pool.add_state(tensors, pool);
  }
  return tensors;
}

std::string UnpairedTranslationGame::describe() const {
  std::string tables;
  for (const auto& input : {input_, turned_round(input_)}) {
    tables += describe_network(config_.translator, input.source_shape, input.shape.channels) +
              describe_network(config_.discriminator, input.shape, /*classes=*/0);
  }
  return tables;
}

std::vector<ModelPart> UnpairedTranslationGame::parts() const {
  const auto architecture = architecture_of(config_, "translator");
  return {{"generator", "translator", architecture}, {"generator-back", "translator", architecture}};
}

std::unique_ptr<Exhibit> UnpairedTranslationGame::exhibit() const {
  return std::make_unique<SourceExhibit>(config_, input_, input_.shape);
}

std::unique_ptr<Exhibit> UnpairedTranslationGame::exhibit_back() const {
  const auto input = turned_round(input_);
  return std::make_unique<SourceExhibit>(config_, input, input.shape, "-back");
}

StepReport UnpairedTranslationGame::step(const StepInput& input) {
  StepReport report;
  for (Way* way : {&there_, &back_}) {
    way->generator->use_random(input.random);
    way->adversary.begin_step(input.random);
  }
  begin_step();

  const Batch batch = input.next_batch();
  Made there, back;
  {
    Precision precision(input_.device, bfloat16_);  // one for all that the generators make: their weights are cast once
    there = make(there_, batch.sources, batch.images);
    back = make(back_, batch.images, batch.sources);
    if (config_.cycle.way_back > 0) {
      there.again = back_.generator->forward(there.fakes);
      back.again = there_.generator->forward(back.fakes);
    }
  }
  // The report's answers are those of the first way's discriminator.
  StepReport report_back;
  report.finite = discriminator_turn(there_, input, batch.images, there.fakes, report) &&
                  discriminator_turn(back_, input, batch.sources, back.fakes, report_back);
  for (const auto& [name, loss] : report_back.losses)
    report.losses[name == "discriminator" ? "discriminator-back" : name + "-back"] = loss;
  report.finite = report.finite && generators_turn(input, batch, there, back, report);
  if (report.finite) {
    there_.pool.keep();
    back_.pool.keep();
  }

  end_step(input, report);
  return report;
}

/// In one pass where each image is treated by itself.
UnpairedTranslationGame::Made UnpairedTranslationGame::make(Way& way, const at::Tensor& from,
                                                            const at::Tensor& own) const {
  auto& generator = *way.generator;
  if (!has_identity_) return {generator.forward(from), {}, {}};
  if (config_.translator.normalization == "batch") return {generator.forward(from), generator.forward(own), {}};
  const auto both = generator.forward(at::cat({from, own})).chunk(2);
  return {both[0], both[1], {}};
}

bool UnpairedTranslationGame::discriminator_turn(Way& way, const StepInput& input, const at::Tensor& reals,
                                                 const at::Tensor& fakes, StepReport& report) {
  const Shown shown{{.images = reals}, {way.pool.shown_for(fakes.detach(), input.random)}};
  return way.adversary.only_turn(input, shown, report);
}

bool UnpairedTranslationGame::generators_turn(const StepInput& input, const Batch& batch, const Made& there,
                                              const Made& back, StepReport& report) {
  const auto& options = config_.cycle;
  const Frozen frozen(there_.adversary.player()), frozen_back(back_.adversary.player());
  there_.player.begin_turn();
  back_.player.begin_turn();
  const auto of_images = there_.adversary.generator_loss_beside(input, batch.images, there.fakes);
  const auto of_sources = back_.adversary.generator_loss_beside(input, batch.sources, back.fakes);
  report.losses["generator"] = of_images.item<double>();
  report.losses["generator-back"] = of_sources.item<double>();
  auto loss = options.adversary * (of_images + of_sources);
  if (options.way_back > 0) {
    const auto unlike = mean_difference(there.again, batch.sources) + mean_difference(back.again, batch.images);
    report.losses["way_back"] = unlike.item<double>();
    loss = loss + options.way_back * unlike;
  }
  if (has_identity_) {
    const auto unlike = mean_difference(there.same, batch.images) + mean_difference(back.same, batch.sources);
    report.losses["identity"] = unlike.item<double>();
    loss = loss + options.identity * unlike;
  }
  if (!is_finite_everywhere(loss.item<double>())) return false;
  complete_gradients({&there_.player, &back_.player}, loss);
  return there_.player.end_turn() && back_.player.end_turn();
}

at::Tensor UnpairedTranslationGame::shown_by(Way& way, const PreviewInput& input) const {
  return translated(way.averaged ? *way.averaged : *way.generator, input.sources, input.seed, input_.device, bfloat16_);
}

at::Tensor UnpairedTranslationGame::preview(const PreviewInput& input) { return shown_by(there_, input); }

at::Tensor UnpairedTranslationGame::preview_back(const PreviewInput& input) { return shown_by(back_, input); }

}  // namespace forger
