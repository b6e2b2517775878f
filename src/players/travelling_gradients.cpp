#include "players/travelling_gradients.h"

#include <torch/csrc/autograd/function_hook.h>

#include <memory>

#include "core/torch.h"

namespace forger {
namespace {

/// Gradients travel once they are so many bytes together: each message costs the network's latency anew.
constexpr size_t kMessageBytes = 1 << 20;

class Call : public torch::autograd::PostAccumulateGradHook {
 public:
  explicit Call(std::function<void()> called) : called_(std::move(called)) {}
  void operator()(const torch::autograd::Variable&) override { called_(); }

 private:
  std::function<void()> called_;
};

void call_after_gradient(const at::Tensor& weight, std::unique_ptr<Call> call) {
  torch::autograd::impl::set_post_acc_grad_hooks(weight, std::move(call));
}

}  // namespace

TravellingGradients::TravellingGradients(Team& team, std::vector<at::Tensor> weights)
    : team_(team), weights_(std::move(weights)), is_complete_(weights_.size()) {
  for (size_t i = 0; i < weights_.size(); ++i) {
    call_after_gradient(weights_[i], std::make_unique<Call>([this, i] { complete(i); }));
  }
}

TravellingGradients::~TravellingGradients() {
  for (const auto& weight : weights_) call_after_gradient(weight, nullptr);
}

void TravellingGradients::arrive() {
  for (size_t i = 0; i < weights_.size(); ++i) {
    if (!is_complete_[i]) complete(i);
  }
  if (!waiting_.empty()) send();
  for (const auto& wait : on_the_way_) wait();
}

void TravellingGradients::complete(size_t weight) {
  auto& gradient = weights_[weight].mutable_grad();
  if (!gradient.defined()) gradient = at::zeros_like(weights_[weight]);
  is_complete_[weight] = true;
  waiting_.push_back(gradient);
  waiting_bytes_ += gradient.nbytes();
  if (waiting_bytes_ >= kMessageBytes) send();
}

void TravellingGradients::send() {
  on_the_way_.push_back(team_.begin_sum(waiting_, 1 / static_cast<double>(team_.size())));
  waiting_.clear();
  waiting_bytes_ = 0;
}

}  // namespace forger
