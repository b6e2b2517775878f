#pragma once

#include <ATen/core/Tensor.h>

#include "core/item_random.h"
#include "forger/config.h"

namespace forger {

/// Latents `[count, latent_size]` float32 on the CPU, from the distribution that `options.latent` names, each one its
/// item's: how many are drawn makes no difference to it. `truncation` above 0 redraws normal numbers beyond it (Brock
/// et al. 2019, arXiv 1809.11096) and shrinks uniform ones to it: less variety, fewer failures.
at::Tensor draw_latent(const GeneratorOptions& options, int64_t count, ItemRandom random, double truncation = 0);

/// A path through `anchors` `[K, latent_size]`: `steps` latents from each anchor towards the next, along great circles
/// for normal latents and straight for uniform ones. `[(K - 1) * steps, latent_size]`: the last anchor is not reached.
at::Tensor interpolate_latents(const GeneratorOptions& options, const at::Tensor& anchors, int64_t steps);

}  // namespace forger
