#include "objectives/penalties.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/rand.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/autograd.h>

namespace forger {
namespace {

/// |d critic(x) / dx|^2 of each image, `[N]`, part of the graph so that it can be differentiated once more.
at::Tensor squared_slopes(const Critic& critic, const at::Tensor& points) {
  // Second derivatives lose too much in bfloat16, whatever the step around this one uses.
  const c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::autocast_dispatch_keyset);
  const auto images = points.detach().to(at::kFloat).requires_grad_(true);
  // The images' logits must not depend on each other (no batch statistics), so the sum's gradient is each
  // one's own.
  const auto total = critic(images).sum();
  const auto slope = torch::autograd::grad({total}, {images}, /*grad_outputs=*/{}, /*retain_graph=*/true,
                                           /*create_graph=*/true)[0];
  return slope.square().sum({1, 2, 3});
}

}  // namespace

at::Tensor zero_centered_penalty(const Critic& critic, const at::Tensor& images) {
  return squared_slopes(critic, images).mean();
}

at::Tensor one_centered_penalty(const Critic& critic, const at::Tensor& real, const at::Tensor& fake,
                                ItemRandom random) {
  constexpr double kEpsilon = 1e-12;  // inside the root: its derivative at 0 is infinite
  const auto ratio = random.uniform({real.size(0), 1, 1, 1});
  const auto mixed = at::lerp(fake.detach(), real.detach(), ratio.to(real.device()));
  return ((squared_slopes(critic, mixed) + kEpsilon).sqrt() - 1).square().mean();
}

}  // namespace forger
