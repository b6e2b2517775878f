#include "games/generation.h"

#include <cmath>

#include "core/torch.h"
#include "games/exhibit.h"
#include "games/latent.h"
#include "games/latent_side.h"
#include "networks/describe.h"
#include "players/precision.h"

namespace forger {

GenerationGame::GenerationGame(const Config& config, const GameInput& input)
    : config_(config),
      input_(input),
      bfloat16_(uses_bfloat16(config.training.precision, input.device)),
      generator_(new_generator(config, input, input.classes)),
      averaged_generator_(config.generator.ema > 0 ? new_generator(config, input, input.classes) : nullptr),
      generator_player_("generator", generator_, config.generator, averaged_generator_, config.generator.ema),
      adversary_(config, input, input.shape, input.classes) {}

TensorMap GenerationGame::state() {
  TensorMap tensors = Game::state();
  adversary_.add_state(tensors);
  return tensors;
}

std::string GenerationGame::describe() const {
  return describe_network(config_.generator, input_.shape, input_.classes) +
         describe_network(config_.discriminator, input_.shape, input_.classes);
}

std::vector<ModelPart> GenerationGame::parts() const { return {generator_part(config_)}; }

std::unique_ptr<Exhibit> GenerationGame::exhibit() const { return std::make_unique<LatentExhibit>(config_, input_); }

StepReport GenerationGame::step(const StepInput& input) {
  StepReport report;
  adversary_.begin_step(input.random);
  begin_step();

  // Where each side moves once on whole batches, both look at the same fakes: one forward pass of the generator saved.
  const bool shares_fakes = generator_player_.turns_per_step() == 1 && config_.training.accumulate == 1;
  const bool generator_first = config_.training.first_turn == "generator";
  const auto discriminator_moves = [&](Material& material) {
    const int64_t turns = adversary_.player().turns_per_step();
    for (int64_t turn = 1; turn <= turns; ++turn) {
      // Fakes that the generator's turn will reuse carry its graph; those of the other turns need none.
      const bool generator_follows = !generator_first && turn == turns;
      if (turn > 1 || material.reals.empty()) material = next_material(input, shares_fakes && generator_follows);
      if (!adversary_.turn(input, material.reals.size(), shown(input, material), report)) return false;
    }
    return !adversary_.owes_penalty(input.step) ||
           adversary_.penalty_turn(input, material.reals.size(), shown(input, material), report);
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
    material.reals.push_back({.images = images[i], .labels = input_.classes > 0 ? labels[i] : at::Tensor()});
    if (share_fakes) {
      material.shared_fakes.push_back(fakes(input, material.reals[i].labels, images[i].size(0)));
    }
  }
  return material;
}

at::Tensor GenerationGame::fakes(const StepInput& input, const at::Tensor& labels, int64_t count) {
  const auto latent = draw_latent(config_.generator, count, input.random).to(input_.device);
  Precision precision(input_.device, bfloat16_);
  return generator_->forward(latent, labels);
}

Adversary::Part GenerationGame::shown(const StepInput& input, const Material& material) {
  return [&](size_t part) -> Shown {
    const Batch& reals = material.reals[part];
    if (!material.shared_fakes.empty()) return {reals, {material.shared_fakes[part].detach()}};
    torch::NoGradGuard no_grad;
    return {reals, {fakes(input, reals.labels, reals.images.size(0))}};
  };
}

bool GenerationGame::generator_turn(const StepInput& input, const Material& material, StepReport& report) {
  const auto parts = static_cast<double>(material.reals.size());
  double total = 0;
  Frozen frozen(adversary_.player());
  generator_player_.begin_turn();
  for (size_t i = 0; i < material.reals.size(); ++i) {
    const Batch& reals = material.reals[i];
    const auto fake =
        material.shared_fakes.empty() ? fakes(input, reals.labels, reals.images.size(0)) : material.shared_fakes[i];
    at::Tensor real_logits;
    if (adversary_.objective().generator_needs_reals()) {
      // Fresh ones: those of the discriminator's turn are what it has just learnt to call real.
      const Batch fresh = input.next_batch();
      torch::NoGradGuard no_grad;
      real_logits = adversary_.logits(input, fresh.images.narrow(0, 0, fake.size(0)),
                                      input_.classes > 0 ? fresh.labels.narrow(0, 0, fake.size(0)) : at::Tensor());
    }
    const auto loss = adversary_.generator_loss(input, {fake}, reals.labels, real_logits);
    total += loss.item<double>() / parts;
    generator_player_.add_gradient(loss / parts, /*is_last=*/i + 1 == material.reals.size());
  }
  report.losses["generator"] = total;
  return std::isfinite(total) && generator_player_.end_turn();
}

at::Tensor GenerationGame::preview(const PreviewInput& input) {
  return latent_preview(config_, input_, input, *generator_, averaged_generator_.get());
}

}  // namespace forger
