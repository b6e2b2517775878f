#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>

namespace forger {

/// Latents `[N, latent_size]` (and labels `[N]` where the model is class-conditional) -> images `[N, C, H, W]`.
using Draw = std::function<at::Tensor(const at::Tensor& latents, const at::Tensor& labels)>;

/// How to look for a latent.
struct InversionOptions {
  int64_t steps = 200;
  /// Largest step of a number of the latent; it falls to 0 along a cosine.
  double learning_rate = 0.1;
  /// Weight of the mean square of a normal latent: far from where latents are drawn, images are no longer the model's.
  double prior = 1e-3;
  /// "normal" or "uniform": uniform latents are kept in [-1, 1].
  std::string latent = "normal";
  /// Asked after every step, from 1 to `steps`; false ends the search with what was found by then.
  std::function<bool(int64_t step)> goes_on;
};

/// What was found for each image.
struct Inversion {
  at::Tensor latents;  ///< `[N, latent_size]`
  at::Tensor labels;   ///< `[N]`, undefined without classes
  at::Tensor errors;   ///< `[N]`: mean squared difference where the weights are not 0
};

/// The latents whose images are nearest to `targets` `[N, C, H, W]` by mean squared difference, each pixel counted as
/// `weights` `[N, 1, H, W]` says, found by Adam from `starts` `[N, S, latent_size]` (labels `[N, S]`). After a quarter
/// of the steps only the best start of each image goes on. Throws Error when the weights of an image are all 0.
Inversion invert(const Draw& draw, const at::Tensor& targets, const at::Tensor& weights, const at::Tensor& starts,
                 const at::Tensor& labels, const InversionOptions& options);

}  // namespace forger
