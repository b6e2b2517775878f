#include "referee/pixel_critic.h"

#include <algorithm>
#include <vector>

#include "core/interruption.h"
#include "core/random.h"
#include "core/torch.h"
#include "image/blur.h"
#include "networks/catalog.h"
#include "players/optimizer.h"

namespace forger {
namespace {

constexpr int64_t kSteps = 300, kBatch = 64, kWidth = 16;
constexpr double kLearningRate = 1e-3, kBlurPx = 0.5;

/// As files hold them, in 256 levels, then blurred.
at::Tensor shared_view(const at::Tensor& images) {
  return blurred(((images + 1) * 127.5).round().clamp(0, 255) / 127.5 - 1, kBlurPx);
}

}  // namespace

ClassifierTest pixel_critic_test(const at::Tensor& real_train, const at::Tensor& fake_train,
                                 const at::Tensor& real_test, const at::Tensor& fake_test, uint64_t seed) {
  auto random = make_random(seed);
  const ImageShape shape{real_train.size(1), real_train.size(2), real_train.size(3)};
  DiscriminatorOptions options;
  options.network = "dcgan";
  options.width = kWidth;
  options.max_width = 8 * kWidth;
  options.normalization = "none";
  options.learning_rate = kLearningRate;
  options.beta1 = 0.9;
  const auto critic = make_discriminator(options, shape, /*classes=*/0, random);
  const auto weights = critic->parameters();
  const auto optimizer = make_optimizer(options, weights);

  const auto reals = shared_view(real_train), fakes = shared_view(fake_train);
  const auto drawn = [&](const at::Tensor& images) {
    return images.index_select(0, at::randint(images.size(0), {std::min(kBatch, images.size(0))}, random, at::kLong));
  };
  for (int64_t step = 0; step < kSteps; ++step) {
    go_on_unless_interrupted();
    const auto loss = at::softplus(-critic->forward(drawn(reals), {})).mean() +
                      at::softplus(critic->forward(drawn(fakes), {})).mean();
    const auto gradients = torch::autograd::grad({loss}, {weights.begin(), weights.end()});
    torch::NoGradGuard no_grad;
    optimizer->step(gradients, kLearningRate * (1 - static_cast<double>(step) / kSteps));
  }

  torch::NoGradGuard no_grad;
  critic->eval();
  const auto answers = [&](const at::Tensor& images) {
    std::vector<at::Tensor> parts;
    for (const auto& part : shared_view(images).split(kBatch)) parts.push_back(critic->forward(part, {}));
    return at::cat(parts);
  };
  return balanced_accuracy(answers(real_test), answers(fake_test));
}

}  // namespace forger
