#include "games/exhibit.h"

#include <algorithm>

#include "core/fail.h"
#include "core/random.h"
#include "core/torch.h"
#include "games/latent.h"
#include "networks/catalog.h"
#include "networks/normalization.h"
#include "objectives/catalog.h"
#include "players/precision.h"

namespace forger {
namespace {

constexpr int64_t kGenerateBatch = 250;

void copy_into(torch::nn::Module& network, const TensorMap& state, const std::string& prefix) {
  torch::NoGradGuard no_grad;
  const auto copy = [&](const auto& items) {
    for (const auto& item : items) {
      const auto found = state.find(prefix + item.key());
      if (found == state.end()) fail("the state holds no tensor {}{}", prefix, item.key());
      at::Tensor(item.value()).copy_(found->second);
    }
  };
  copy(network.named_parameters());
  copy(network.named_buffers());
}

/// While it lives, a network's running statistics may change; then they are what they were.
class KeptBuffers {
 public:
  explicit KeptBuffers(const torch::nn::Module& network) : buffers_(network.buffers()) {
    for (const auto& buffer : buffers_) kept_.push_back(buffer.clone());
  }
  ~KeptBuffers() {
    torch::NoGradGuard no_grad;
    for (size_t i = 0; i < buffers_.size(); ++i) buffers_[i].copy_(kept_[i]);
  }
  KeptBuffers(const KeptBuffers&) = delete;
  KeptBuffers& operator=(const KeptBuffers&) = delete;

 private:
  std::vector<at::Tensor> buffers_, kept_;
};

double mean_norm(const at::Tensor& gradients) {
  return at::linalg_vector_norm(gradients.flatten(1), 2, at::IntArrayRef{1}).mean().item<double>();
}

}  // namespace

Origins Origins::rows(int64_t first, int64_t count) const {
  const auto part = [&](const at::Tensor& all) { return all.defined() ? all.narrow(0, first, count) : all; };
  return {part(latents), part(sources), part(labels)};
}

Origins Origins::to(c10::Device device) const {
  const auto there = [&](const at::Tensor& all) { return all.defined() ? all.to(device) : all; };
  return {there(latents), there(sources), there(labels)};
}

Exhibit::Exhibit(const Config& config, const GameInput& input, std::shared_ptr<Network> generator,
                 std::shared_ptr<Network> averaged, const ImageShape& shape, const std::string& way)
    : config_(config),
      device_(input.device),
      classes_(input.classes),
      bfloat16_(uses_bfloat16(config.training.precision, input.device)),
      objective_(input.objective ? input.objective : make_objective(config.objective)),
      generator_(std::move(generator)),
      averaged_generator_(std::move(averaged)),
      of_generator_(fmt::format("generator{}.", way)),
      of_discriminator_(fmt::format("discriminator{}.network.", way)) {
  for (const auto& network : {generator_, averaged_generator_}) {
    if (!network) continue;
    network->to(input.device);
    network->eval();
  }
  if (!config.has_discriminator()) return;
  discriminator_ = make_discriminator(config.discriminator, shape, input.classes, make_random(0));
  discriminator_->to(input.device);
  answer_as_in_training();
}

void Exhibit::answer_as_in_training() {
  discriminator_->eval();
  if (config_.discriminator.normalization != "batch") return;
  for (const auto& module : discriminator_->modules(false)) {
    if (std::dynamic_pointer_cast<Normalization>(module)) module->train();
  }
}

void Exhibit::show(const TensorMap& state) {
  copy_into(*generator_, state, of_generator_ + "network.");
  if (averaged_generator_) copy_into(*averaged_generator_, state, of_generator_ + "averaged.");
  if (discriminator_) show_discriminator(state);
}

void Exhibit::show_discriminator(const TensorMap& state) { copy_into(*discriminator_, state, of_discriminator_); }

TensorMap Exhibit::discriminator_state() const {
  TensorMap state;
  if (!discriminator_) return state;
  const auto take = [&](const auto& items) {
    for (const auto& item : items) state[of_discriminator_ + item.key()] = item.value().detach().clone();
  };
  take(discriminator_->named_parameters());
  take(discriminator_->named_buffers());
  return state;
}

at::Tensor Exhibit::generate(const Origins& origins, bool averaged) {
  torch::NoGradGuard no_grad;
  Precision precision(device_, bfloat16_);
  Network& generator = averaged && averaged_generator_ ? *averaged_generator_ : *generator_;
  std::vector<at::Tensor> parts;
  for (int64_t first = 0; first < origins.count(); first += kGenerateBatch) {
    const int64_t count = std::min(kGenerateBatch, origins.count() - first);
    parts.push_back(make(generator, origins.rows(first, count).to(device_)).cpu());
  }
  return at::cat(parts);
}

at::Tensor Exhibit::logits(const at::Tensor& images, const Origins& origins) {
  torch::NoGradGuard no_grad;
  const KeptBuffers kept(*discriminator_);
  Precision precision(device_, bfloat16_);
  const int64_t batch = std::max<int64_t>(config_.training.batch_size / config_.training.accumulate, 2);
  std::vector<at::Tensor> parts;
  for (int64_t first = 0; first < images.size(0); first += batch) {
    // A short last batch would have other statistics: it is filled up from the images before it.
    const int64_t count = std::min(batch, images.size(0) - first);
    const int64_t start = std::max<int64_t>(0, std::min(first, images.size(0) - batch));
    const int64_t length = std::min(batch, images.size(0));
    const auto answers =
        this->answers(images.narrow(0, start, length).to(device_), origins.rows(start, length).to(device_));
    parts.push_back(answers.narrow(0, length - count, count).cpu());
  }
  return at::cat(parts);
}

at::Tensor Exhibit::lone_logits(const at::Tensor& images, const at::Tensor& labels) {
  torch::NoGradGuard no_grad;
  Precision precision(device_, bfloat16_);
  discriminator_->eval();
  const auto there = labels.defined() ? labels.to(device_) : labels;
  const auto logits = discriminator_->image_logits(images.to(device_), there).cpu();
  answer_as_in_training();
  return logits;
}

at::Tensor Exhibit::answers(const at::Tensor& images, const Origins& origins) {
  return discriminator_->image_logits(seen(images, origins), origins.labels);
}

LearningSignal Exhibit::learning_signal(const at::Tensor& reals, const Origins& origins) {
  const KeptBuffers kept(*discriminator_);
  Precision precision(device_, false);
  LearningSignal signal;
  const int64_t half = origins.count() / 2;
  const auto weights = generator_->parameters();
  std::vector<at::Tensor> directions;
  double fake_slope = 0, real_slope = 0;
  for (int64_t part = 0; part < 2; ++part) {
    const auto from = origins.rows(part * half, half).to(device_);
    auto fake = make(*generator_, from);
    const auto real = reals.narrow(0, part * half, half).to(device_).detach().requires_grad_(true);
    const auto real_logits = answers(real, from);
    const auto fake_logits = answers(fake, from);
    const auto loss = objective_->generator_loss(fake_logits, real_logits.detach());

    const auto at_images = torch::autograd::grad({loss}, {fake, fake_logits}, {}, /*retain_graph=*/true);
    signal.at_images += mean_norm(at_images[0] * half) / 2;
    signal.at_logits += (at_images[1] * half).abs().mean().item<double>() / 2;
    fake_slope += mean_norm(torch::autograd::grad({fake_logits.sum()}, {fake}, {}, true)[0]);
    real_slope += mean_norm(torch::autograd::grad({real_logits.sum()}, {real})[0]);
    std::vector<at::Tensor> flat;
    for (const auto& gradient :
         torch::autograd::grad({loss}, weights, {}, std::nullopt, false, /*allow_unused=*/true)) {
      if (gradient.defined()) flat.push_back(gradient.flatten());
    }
    directions.push_back(at::cat(flat));
  }
  signal.agreement = at::cosine_similarity(directions[0], directions[1], 0).item<double>();
  signal.slope_ratio = fake_slope / std::max(real_slope, 1e-30);
  return signal;
}

LatentExhibit::LatentExhibit(const Config& config, const GameInput& input)
    : Exhibit(config, input, make_generator(config.generator, input.shape, input.classes, make_random(0)),
              config.generator.ema > 0 ? make_generator(config.generator, input.shape, input.classes, make_random(0))
                                       : nullptr,
              input.shape) {}

Origins LatentExhibit::draw_origins(int64_t count, const ItemRandom& random, const Origins& given) const {
  return {.latents = draw_latent(config().generator, count, random), .labels = given.labels};
}

at::Tensor LatentExhibit::make(Network& generator, const Origins& origins) {
  return dynamic_cast<LatentGenerator&>(generator).forward(origins.latents, origins.labels);
}

}  // namespace forger
