#pragma once

#include <ATen/core/Tensor.h>

namespace forger {

/// How badly places of an image are told from each other by what is known of them (PatchNCE, Park et al. 2020, arXiv
/// 2007.15651): `queries` and `keys` `[N, places, numbers]`, of length 1 each, belong together place by place. Returns
/// `[N]`: the mean cross entropy of finding each query's key among those of its image, by products over `temperature`.
at::Tensor place_contrast(const at::Tensor& queries, const at::Tensor& keys, double temperature);

}  // namespace forger
