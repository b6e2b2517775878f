#include "games/super_resolution.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "config/architecture.h"
#include "core/fail.h"
#include "core/random.h"
#include "core/team.h"
#include "core/torch.h"
#include "games/exhibit.h"
#include "model/torch_file.h"
#include "networks/catalog.h"
#include "networks/describe.h"
#include "networks/evaluation_mode.h"
#include "players/precision.h"

namespace forger {
namespace {

std::shared_ptr<ImageGenerator> new_upscaler(const Config& config, const GameInput& input) {
  const auto random = make_random(derive_seed(config.training.seed, Stream::generator_weights));
  auto upscaler = make_upscaler(config.upscaler, input.source_shape.channels, input.shape.channels, random);
  upscaler->to(input.device);
  return upscaler;
}

std::shared_ptr<ImageGenerator> new_average(const Config& config, const GameInput& input) {
  return config.upscaler.ema > 0 ? new_upscaler(config, input) : nullptr;
}

/// Null without a file; its checksum goes to `files`.
std::unique_ptr<const Vgg19> read_perceptual(const Config& config, const GameInput& input,
                                             std::map<std::string, std::string>& files) {
  const auto& path = config.super_resolution.perceptual_weights;
  if (path.empty()) return nullptr;
  const auto& [channels, height, width] = input.shape;
  if (channels != 1 && channels != 3) {
    fail("data.channels: received {} with super_resolution.perceptual_weights, accepted: 1 or 3", channels);
  }
  if (std::min(height, width) < Vgg19::kLeastSide) {
    fail(
        "data.size: received {}x{} (height x width) with super_resolution.perceptual_weights, accepted: {} or more a "
        "side",
        height, width, Vgg19::kLeastSide);
  }
  const auto weights = read_foreign_weights(path);
  files["super_resolution.perceptual_weights"] = fmt::format("{:08x}", weights.checksum);
  try {
    return std::make_unique<const Vgg19>(weights.tensors, input.device);
  } catch (const Error& error) {
    fail("super_resolution.perceptual_weights: {}: {}", path, error.what());
  }
}

/// Each image has its truth, and with a discriminator they are to look like photographs as well.
class UpscalerExhibit : public Exhibit {
 public:
  UpscalerExhibit(const Config& config, const GameInput& input)
      : Exhibit(config, input, new_upscaler(config, input), new_average(config, input), input.shape) {}
  Origins draw_origins(int64_t count, const ItemRandom&, const Origins& given) const override {
    return {.sources = given.sources.narrow(0, 0, count)};
  }
  bool imitates_data() const override { return has_discriminator(); }
  bool has_truths() const override { return true; }

 protected:
  at::Tensor make(Network& generator, const Origins& origins) override {
    return dynamic_cast<ImageGenerator&>(generator).forward(origins.sources);
  }
};

}  // namespace

SuperResolutionGame::SuperResolutionGame(const Config& config, const GameInput& input)
    : config_(config),
      input_(input),
      bfloat16_(uses_bfloat16(config.training.precision, input.device)),
      generator_(new_upscaler(config, input)),
      averaged_generator_(new_average(config, input)),
      generator_player_("generator", generator_, config.upscaler, averaged_generator_, config.upscaler.ema),
      adversary_(config.has_discriminator() ? std::make_unique<Adversary>(config, input, input.shape, /*classes=*/0)
                                            : nullptr),
      perceptual_(read_perceptual(config, input, files_)) {}

std::vector<Player*> SuperResolutionGame::players() {
  std::vector<Player*> players = {&generator_player_};
  if (adversary_) players.push_back(&adversary_->player());
  return players;
}

TensorMap SuperResolutionGame::state() {
  TensorMap tensors = Game::state();
  if (adversary_) adversary_->add_state(tensors);
  return tensors;
}

std::string SuperResolutionGame::describe() const {
  std::string tables = describe_network(config_.upscaler, input_.source_shape, input_.shape.channels);
  if (adversary_) tables += describe_network(config_.discriminator, input_.shape, /*classes=*/0);
  return tables;
}

std::vector<ModelPart> SuperResolutionGame::parts() const {
  return {{"generator", "upscaler", architecture_of(config_, "upscaler")}};
}

std::unique_ptr<Exhibit> SuperResolutionGame::exhibit() const {
  return std::make_unique<UpscalerExhibit>(config_, input_);
}

StepReport SuperResolutionGame::step(const StepInput& input) {
  StepReport report;
  const bool adversarial = adversary_ && input.budget_used >= config_.discriminator_joins();
  if (adversarial) adversary_->begin_step(input.random);
  begin_step();

  const Batch batch = input.next_batch();
  at::Tensor fakes;
  {
    Precision precision(input_.device, bfloat16_);
    fakes = generator_->forward(batch.sources);
  }
  const Shown shown{batch, {fakes.detach()}};
  report.finite = !adversarial || adversary_->only_turn(input, shown, report);
  report.finite = report.finite && generator_turn(input, batch, fakes, adversarial, report);

  end_step(input, report);
  return report;
}

bool SuperResolutionGame::generator_turn(const StepInput& input, const Batch& batch, const at::Tensor& fakes,
                                         bool adversarial, StepReport& report) {
  const auto& options = config_.super_resolution;
  std::optional<Frozen> frozen;
  if (adversarial) frozen.emplace(adversary_->player());
  generator_player_.begin_turn();
  const auto difference = fakes - batch.images;
  const auto unlike = options.distance == "absolute" ? difference.abs().mean() : difference.square().mean();
  report.losses["pixels"] = unlike.item<double>();
  auto loss = options.pixels * unlike;
  if (adversarial) loss = loss + opinion(input, batch, fakes, report);
  if (!is_finite_everywhere(loss.item<double>())) return false;
  complete_gradients({&generator_player_}, loss);
  return generator_player_.end_turn();
}

at::Tensor SuperResolutionGame::opinion(const StepInput& input, const Batch& batch, const at::Tensor& fakes,
                                        StepReport& report) {
  const auto& options = config_.super_resolution;
  const auto adversarial = adversary_->generator_loss_beside(input, batch.images, fakes);
  report.losses["generator"] = adversarial.item<double>();
  auto loss = options.adversary * adversarial;
  if (options.features > 0) {
    const auto unlike = features_difference(fakes, batch.images);
    report.losses["features"] = unlike.item<double>();
    loss = loss + options.features * unlike;
  }
  return loss;
}

std::vector<at::Tensor> SuperResolutionGame::levels(const at::Tensor& images) {
  return perceptual_ ? std::vector<at::Tensor>{perceptual_->features(images)} : adversary_->network().levels(images);
}

/// At every level the mean difference in units of the mean size that the truth has there: networks whose numbers grow
/// weigh no more.
at::Tensor SuperResolutionGame::features_difference(const at::Tensor& fakes, const at::Tensor& reals) {
  Precision precision(input_.device, bfloat16_);
  std::vector<at::Tensor> wanted;
  {
    torch::NoGradGuard no_grad;
    wanted = levels(reals);
  }
  const auto made = levels(fakes);
  auto sum = at::zeros({}, fakes.options());
  for (size_t i = 0; i < made.size(); ++i) {
    const auto truth = wanted[i].to(at::kFloat);
    sum = sum + (made[i].to(at::kFloat) - truth).abs().mean() / truth.abs().mean().clamp_min(1e-6);
  }
  return sum / static_cast<double>(made.size());
}

at::Tensor SuperResolutionGame::preview(const PreviewInput& input) {
  torch::NoGradGuard no_grad;
  Precision precision(input_.device, bfloat16_);
  auto& shown = averaged_generator_ ? *averaged_generator_ : *generator_;
  const EvaluationMode evaluating(shown);
  return shown.forward(input.sources.to(input_.device)).cpu();
}

}  // namespace forger
