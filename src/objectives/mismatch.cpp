#include "objectives/mismatch.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/mm.h>

namespace forger {
namespace {

constexpr double kScales[] = {0.1, 0.2, 0.5, 1, 2, 5, 10};

/// The kernel between all pairs of rows, `[N, M]`.
at::Tensor kernel(const at::Tensor& first, const at::Tensor& second) {
  const auto numbers = static_cast<double>(first.size(1));
  const auto products = at::mm(first, second.t());
  const auto squares =
      (first.square().sum(1).unsqueeze(1) + second.square().sum(1).unsqueeze(0) - 2 * products).clamp_min(0);
  auto total = (products + products.square()) / numbers;
  for (const double scale : kScales) {
    const double c = scale * 2 * numbers;
    total = total + c / (c + squares);
  }
  return total;
}

/// Mean over the pairs of two different rows.
at::Tensor mean_of_others(const at::Tensor& kernel) {
  const auto count = static_cast<double>(kernel.size(0));
  return (kernel.sum() - kernel.diagonal().sum()) / (count * (count - 1));
}

}  // namespace

at::Tensor mismatch(const at::Tensor& first, const at::Tensor& second) {
  return mean_of_others(kernel(first, first)) + mean_of_others(kernel(second, second)) -
         2 * kernel(first, second).mean();
}

}  // namespace forger
