#include "tasks/invert.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/fail.h"
#include "core/torch.h"

namespace forger {
namespace {

constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;

/// Weighted mean squared difference of each image, `[N]`.
at::Tensor errors_of(const at::Tensor& images, const at::Tensor& targets, const at::Tensor& weights) {
  const auto channels = static_cast<double>(images.size(1));
  return ((images - targets).square() * weights).sum({1, 2, 3}) / (weights.sum({1, 2, 3}) * channels);
}

/// Adam on latents `[M, L]`, from step `first` to before `last` of `options.steps`; returns the errors at the end.
class Search {
 public:
  Search(const Draw& draw, const InversionOptions& options) : draw_(draw), options_(options) {}

  void start(at::Tensor latents, at::Tensor labels, at::Tensor targets, at::Tensor weights) {
    latents_ = std::move(latents), labels_ = std::move(labels);
    targets_ = std::move(targets), weights_ = std::move(weights);
    mean_ = at::zeros_like(latents_), square_ = at::zeros_like(latents_);
  }

  void run(int64_t first, int64_t last) {
    for (int64_t step = first; step < last; ++step) {
      const auto latents = latents_.detach().requires_grad_(true);
      auto loss = errors_of(draw_(latents, labels_), targets_, weights_).sum();
      if (options_.latent == "normal") loss = loss + options_.prior * latents.square().mean(1).sum();
      const auto gradient = torch::autograd::grad({loss}, {latents})[0];
      torch::NoGradGuard no_grad;
      mean_.mul_(kBeta1).add_(gradient, 1 - kBeta1);
      square_.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
      const auto count = static_cast<double>(step + 1);
      const double rate =
          options_.learning_rate * 0.5 *
          (1 + std::cos(std::numbers::pi * static_cast<double>(step) / static_cast<double>(options_.steps)));
      const auto root = (square_ / (1 - std::pow(kBeta2, count))).sqrt().add_(kEpsilon);
      latents_ = latents_ - rate / (1 - std::pow(kBeta1, count)) * mean_ / root;
      if (options_.latent == "uniform") latents_.clamp_(-1, 1);
      if (options_.goes_on && !options_.goes_on(step + 1)) return;
    }
  }

  at::Tensor errors() const {
    torch::NoGradGuard no_grad;
    return errors_of(draw_(latents_, labels_), targets_, weights_);
  }

  /// Only these rows go on.
  void keep(const at::Tensor& rows) {
    const auto pick = [&](at::Tensor& tensor) {
      if (tensor.defined()) tensor = tensor.index_select(0, rows);
    };
    for (auto* tensor : {&latents_, &labels_, &targets_, &weights_, &mean_, &square_}) pick(*tensor);
  }

  const at::Tensor& latents() const { return latents_; }
  const at::Tensor& labels() const { return labels_; }

 private:
  const Draw& draw_;
  const InversionOptions& options_;
  at::Tensor latents_, labels_, targets_, weights_, mean_, square_;
};

}  // namespace

Inversion invert(const Draw& draw, const at::Tensor& targets, const at::Tensor& weights, const at::Tensor& starts,
                 const at::Tensor& labels, const InversionOptions& options) {
  const int64_t images = starts.size(0), count = starts.size(1);
  if ((weights.sum({1, 2, 3}) <= 0).any().item<bool>()) fail("nothing of the image is left to go by");
  const auto repeated = [&](const at::Tensor& tensor) { return tensor.repeat_interleave(count, 0); };
  Search search(draw, options);
  search.start(starts.flatten(0, 1), labels.defined() ? labels.flatten() : at::Tensor(), repeated(targets),
               repeated(weights));
  const int64_t together = count > 1 ? options.steps / 4 : 0;
  search.run(0, together);
  if (count > 1) {
    const auto best = search.errors().view({images, count}).argmin(1);
    search.keep(best + count * at::arange(images, best.options()));
  }
  search.run(together, options.steps);
  return {search.latents(), search.labels(), search.errors()};
}

}  // namespace forger
