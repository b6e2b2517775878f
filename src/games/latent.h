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

/// How far the axes of `latent_plane` reach: two deviations of normal latents, all of uniform ones.
double latent_reach(const GeneratorOptions& options);

/// A plane through the latents: `[side * side, latent_size]`, row by row, where every second number, from the first on,
/// goes from -reach to reach along the columns, and the others do so along the rows. Of two numbers it is the grid of
/// all latents; of more its points lie as far from the middle as latents that are drawn. Of one number it is one row.
at::Tensor latent_plane(const GeneratorOptions& options, int64_t side);

}  // namespace forger
