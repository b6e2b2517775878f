#pragma once

#include <ATen/core/Tensor.h>

#include "core/item_random.h"

namespace forger {

/// Images with parts that are foreign to them.
struct ForeignParts {
  at::Tensor images;   ///< `[N, C, H, W]` in [-1, 1]
  at::Tensor foreign;  ///< float32 `[N, 1, H, W]`: 1 where a pixel was replaced by a visibly other one, 0 elsewhere
};

/// Replaces a part of most images of a batch, in each another one: a blob, an ellipse or a thin curve; by a part of
/// another image, the image's own pixels shifted, blurred or in noise, or one level; fully or half-transparent. What
/// CutMix (Yun et al. 2019, arXiv 1905.04899), CutPaste (Li et al. 2021, arXiv 2104.04015) and DRAEM (Zavrtanik et al.
/// 2021, arXiv 2108.07610) do to normal images, in one. Some images stay whole.
ForeignParts with_foreign_parts(const at::Tensor& images, ItemRandom random);

}  // namespace forger
