#include "networks/learned_convolution.h"

#include <ATen/autocast_mode.h>

#include <algorithm>
#include <tuple>

#include "core/torch.h"

namespace forger {
namespace {

/// With fewer channels a matrix product is not faster, and with more numbers it does not stay in the caches.
constexpr int64_t kLeastProductChannels = 64, kMostProductNumbers = 10'000'000;
constexpr int64_t kOneStep[] = {1, 1}, kNoStep[] = {0, 0};

at::Tensor convolve(const at::Tensor& input, const at::Tensor& kernel, int64_t stride, int64_t padding,
                    bool transposed) {
  // Autocast knows these two by their names.
  return transposed ? at::conv_transpose2d(input, kernel, {}, {stride, stride}, {padding, padding})
                    : at::conv2d(input, kernel, {}, {stride, stride}, {padding, padding});
}

/// The sum over all places of each number there, `grid`, times the part of `image` that the kernel covers there.
at::Tensor kernel_gradient(const at::Tensor& grid, const at::Tensor& image, int64_t side, int64_t stride,
                           int64_t padding) {
  const auto padded = padding > 0 ? at::constant_pad_nd(image, {padding, padding, padding, padding}) : image;
  const auto parts = padded.unfold(2, side, stride).unfold(3, side, stride).permute({0, 2, 3, 4, 5, 1});
  const int64_t channels = image.size(1), outputs = grid.size(1);
  const auto rows = parts.reshape({-1, side * side * channels});
  const auto columns = grid.permute({0, 2, 3, 1}).reshape({-1, outputs}).t();
  return at::mm(columns, rows).view({outputs, side, side, channels}).permute({0, 3, 1, 2});
}

class LearnedConvolution : public torch::autograd::Function<LearnedConvolution> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                            const at::Tensor& kernel, int64_t stride, int64_t padding, bool transposed) {
    context->save_for_backward({input, kernel});
    context->saved_data["stride"] = stride;
    context->saved_data["padding"] = padding;
    context->saved_data["transposed"] = transposed;
    return convolve(input, kernel, stride, padding, transposed);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &input = saved[0], &kernel = saved[1];
    const int64_t stride = context->saved_data["stride"].toInt(), padding = context->saved_data["padding"].toInt();
    const bool transposed = context->saved_data["transposed"].toBool();
    const auto gradient = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
    const auto by_library = [&](bool of_input, bool of_kernel) {
      return at::convolution_backward(gradient, input, kernel, {}, {stride, stride}, {padding, padding}, kOneStep,
                                      transposed, kNoStep, 1, {of_input, of_kernel, false});
    };
    at::Tensor of_input, of_kernel;
    if (at::GradMode::is_enabled()) {  // to be differentiated again
      std::tie(of_input, of_kernel, std::ignore) = by_library(true, true);
    } else {
      if (context->needs_input_grad(0)) of_input = std::get<0>(by_library(true, false));
      const auto &grid = transposed ? input : gradient, &image = transposed ? gradient : input;
      of_kernel = kernel_gradient(grid, image, kernel.size(2), stride, padding);
    }
    return {of_input, of_kernel, {}, {}, {}};
  }
};

/// Whether this thread learns the kernel in bfloat16 on a processor, and a matrix product pays.
bool pays_as_product(const at::Tensor& input, const at::Tensor& kernel, int64_t stride, bool transposed) {
  const bool learns = at::GradMode::is_enabled() && kernel.requires_grad() && input.is_cpu();
  if (!learns || !at::autocast::is_autocast_enabled(at::kCPU) ||
      at::autocast::get_autocast_dtype(at::kCPU) != at::kBFloat16) {
    return false;
  }
  const int64_t places = input.size(0) * input.size(2) * input.size(3) / (transposed ? 1 : stride * stride);
  return std::min(kernel.size(0), kernel.size(1)) >= kLeastProductChannels &&
         places * kernel.size(1) * kernel.size(2) * kernel.size(3) <= kMostProductNumbers;
}

}  // namespace

at::Tensor learned_convolution(const at::Tensor& input, const at::Tensor& kernel, int64_t stride, int64_t padding,
                               bool transposed) {
  if (!pays_as_product(input, kernel, stride, transposed)) {
    return convolve(input, kernel, stride, padding, transposed);
  }
  const auto in_bfloat16 = [](const at::Tensor& tensor) {
    return at::autocast::cached_cast(at::kBFloat16, tensor, at::kCPU);
  };
  return LearnedConvolution::apply(in_bfloat16(input), in_bfloat16(kernel), stride, padding, transposed);
}

}  // namespace forger
