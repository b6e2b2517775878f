#pragma once

#include <ATen/core/Tensor.h>

namespace forger {

/// The convolution of `[N, C, H, W]` with a square kernel `[O, C, k, k]`, or the transposed one with `[C, O, k, k]`,
/// without a bias. It is `at::conv2d` or `at::conv_transpose2d`; but where a processor learns its kernel in bfloat16
/// (autocast), the kernel's gradient is one matrix product, which is faster than oneDNN's and lies in memory as a
/// channels-last kernel does.
at::Tensor learned_convolution(const at::Tensor& input, const at::Tensor& kernel, int64_t stride, int64_t padding,
                               bool transposed);

}  // namespace forger
