#pragma once

#include <ATen/core/Tensor.h>

namespace forger {

/// The positive part of `[N, C, ...]`, and the negative one times a slope for each channel, `[C]` of the same dtype (He
/// et al. 2015, arXiv 1502.01852). It is `at::prelu` with other steps for its gradients on processors, where those of
/// LibTorch take a number at a time; they can be differentiated again.
at::Tensor parametric_relu(const at::Tensor& input, const at::Tensor& slopes);

}  // namespace forger
