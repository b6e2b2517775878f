#include "networks/team_batch_norm.h"

#include "core/fail.h"
#include "core/team.h"
#include "core/torch.h"

namespace forger {
namespace {

/// Each channel times `scale`, plus `offset`, in one pass.
at::Tensor channels_scaled(const at::Tensor& input, const at::Tensor& scale, const at::Tensor& offset) {
  return std::get<0>(at::native_batch_norm(input, scale, offset, at::zeros_like(scale), at::ones_like(scale),
                                           /*training=*/false, /*momentum=*/0, /*eps=*/0));
}

/// In the whole batch.
double numbers_a_channel(const at::Tensor& input, const Team& team) {
  const int64_t own = input.numel() / input.size(1);
  return static_cast<double>(own * team.size());
}

class TeamBatchNorm : public torch::autograd::Function<TeamBatchNorm> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                            const at::Tensor& weight, const at::Tensor& bias, const at::Tensor& mean,
                            const at::Tensor& variance, double epsilon, Team* team) {
    context->save_for_backward({input, weight, mean, variance});
    context->saved_data["epsilon"] = epsilon;
    context->saved_data["team"] = reinterpret_cast<int64_t>(team);
    return std::get<0>(
        at::native_batch_norm(input, weight, bias, mean, variance, /*training=*/false, /*momentum=*/0, epsilon));
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    if (at::GradMode::is_enabled()) {
      fail(
          "normalization: received batch with a penalty on gradients and several processes, accepted: instance, none, "
          "or training.batch_norm = \"each\"");
    }
    const auto saved = context->get_saved_variables();
    const auto &input = saved[0], &weight = saved[1], &mean = saved[2], &variance = saved[3];
    const double epsilon = context->saved_data["epsilon"].toDouble();
    // NOLINTNEXTLINE(performance-no-int-to-ptr): a Function saves numbers and tensors
    auto* team = reinterpret_cast<Team*>(context->saved_data["team"].toInt());
    auto [of_input, of_weight, of_bias] = at::native_batch_norm_backward(
        gradients[0], input, weight, mean, variance, {}, {}, /*train=*/false, epsilon, {true, true, true});
    // What each number changes of the mean and the variance that all share.
    const auto sums = at::stack({of_bias, of_weight});
    team->sum(sums);
    sums.div_(numbers_a_channel(input, *team));
    const auto deviation = (variance + epsilon).rsqrt();
    const auto slope = weight * deviation.square() * sums[1];
    of_input.sub_(channels_scaled(input, slope, weight * deviation * sums[0] - slope * mean));
    return {of_input, of_weight, of_bias, {}, {}, {}, {}};
  }
};

}  // namespace

at::Tensor team_batch_norm(Team& team, const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias,
                           const at::Tensor& running_mean, const at::Tensor& running_variance, double momentum,
                           double epsilon) {
  at::Tensor mean, variance;
  {
    torch::NoGradGuard no_grad;
    const auto [own_mean, own_variance] = at::batch_norm_update_stats(input, {}, {}, 0);
    const auto moments = at::stack({own_mean, own_variance + own_mean.square()}).to(running_mean.scalar_type());
    team.sum(moments);
    moments.div_(static_cast<double>(team.size()));
    mean = moments[0];
    variance = (moments[1] - mean.square()).clamp_min(0);
    const double count = numbers_a_channel(input, team);
    at::Tensor(running_mean).lerp_(mean, momentum);
    at::Tensor(running_variance).lerp_(variance * (count / std::max(count - 1, 1.0)), momentum);
  }
  const auto given = [&](const at::Tensor& numbers, double otherwise) {
    return numbers.defined() ? numbers : at::full_like(running_mean, otherwise);
  };
  return TeamBatchNorm::apply(input, given(weight, 1), given(bias, 0), mean, variance, epsilon, &team);
}

}  // namespace forger
