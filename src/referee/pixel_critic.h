#pragma once

#include <ATen/core/Tensor.h>

#include "metrics/two_sample.h"

namespace forger {

/// A fresh critic that sees pixels: a small convolutional network (DCGAN's discriminator without normalisation),
/// trained on real and fake images and tested on others, all float `[N, C, H, W]` in [-1, 1] of one shape, on the CPU.
/// It sees them in 256 levels and slightly blurred, so that no trace of how files are kept gives a fake away.
ClassifierTest pixel_critic_test(const at::Tensor& real_train, const at::Tensor& fake_train,
                                 const at::Tensor& real_test, const at::Tensor& fake_test, uint64_t seed);

}  // namespace forger
