#include "networks/prelu.h"

#include <vector>

#include "core/torch.h"

namespace forger {
namespace {

class PreluFunction : public torch::autograd::Function<PreluFunction> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                            const at::Tensor& slopes) {
    context->save_for_backward({input, slopes});
    return at::prelu(input, slopes);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &input = saved[0], &slopes = saved[1];
    const auto passed = at::threshold_backward(gradients[0], input, 0);
    const auto scaled = gradients[0] - passed;  // where the input is not positive
    std::vector<int64_t> sizes(static_cast<size_t>(input.dim()), 1), others;
    sizes[1] = slopes.size(0);
    for (int64_t i = 0; i < input.dim(); ++i) {
      if (i != 1) others.push_back(i);
    }
    return {at::addcmul(passed, scaled, slopes.view(sizes)),
            (scaled * input).sum(others, /*keepdim=*/false, at::kFloat).to(slopes.scalar_type())};
  }
};

}  // namespace

at::Tensor parametric_relu(const at::Tensor& input, const at::Tensor& slopes) {
  return input.is_cpu() ? PreluFunction::apply(input, slopes) : at::prelu(input, slopes);
}

}  // namespace forger
