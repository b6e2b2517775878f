#include "players/player.h"

#include <algorithm>
#include <cmath>

#include "core/team.h"
#include "core/torch.h"
#include "players/travelling_gradients.h"

namespace forger {
namespace {

double norm(const std::vector<at::Tensor>& tensors) {
  return at::linalg_vector_norm(at::stack(at::_foreach_norm(tensors, 2))).item<double>();
}

/// Zeros where there is none.
std::vector<at::Tensor> gradients_of(const std::vector<at::Tensor>& weights) {
  std::vector<at::Tensor> gradients;
  for (const auto& weight : weights) {
    if (!weight.grad().defined()) weight.mutable_grad() = at::zeros_like(weight);
    gradients.push_back(weight.grad());
  }
  return gradients;
}

}  // namespace

Player::Player(std::string name, std::shared_ptr<torch::nn::Module> network, const OptimizerOptions& options,
               std::shared_ptr<torch::nn::Module> averaged, double ema)
    : name_(std::move(name)),
      network_(std::move(network)),
      averaged_(std::move(averaged)),
      options_(options),
      ema_(ema) {
  torch::NoGradGuard no_grad;
  weights_ = network_->parameters();
  buffers_ = network_->buffers();
  for (const auto& buffer : buffers_) kept_buffers_.push_back(buffer.clone());
  optimizer_ = make_optimizer(options_, weights_);
  report_.name = name_;
  if (!averaged_) return;

  averaged_->eval();
  const auto pair_up = [&](const std::vector<at::Tensor>& from, const std::vector<at::Tensor>& to) {
    for (size_t i = 0; i < from.size(); ++i) {
      to[i].copy_(from[i]).set_requires_grad(false);
      const bool averages = from[i].is_floating_point();
      (averages ? average_from_ : copy_from_).push_back(from[i]);
      (averages ? average_to_ : copy_to_).push_back(to[i]);
    }
  };
  pair_up(weights_, averaged_->parameters());
  pair_up(buffers_, averaged_->buffers());
}

void Player::begin_turn() {
  for (auto& weight : weights_) weight.mutable_grad().reset();
}

void Player::add_gradient(const at::Tensor& loss, bool is_last) {
  if (is_last) {
    complete_gradients({this}, loss);
  } else {
    loss.backward();
  }
}

void Player::add_gradient_at(const at::Tensor& outputs, const at::Tensor& gradient) {
  torch::autograd::backward({outputs}, {gradient}, /*retain_graph=*/true, /*create_graph=*/false, weights_);
}

bool Player::end_turn() {
  torch::NoGradGuard no_grad;
  const auto gradients = gradients_of(weights_);
  report_.gradient_norm = norm(gradients);
  report_.learning_rate = options_.learning_rate * rate_factor_;
  if (!std::isfinite(report_.gradient_norm)) return false;

  std::vector<at::Tensor> before;
  if (measures_weights_) {
    for (const auto& weight : weights_) before.push_back(weight.detach().clone());
  }
  optimizer_->step(gradients, report_.learning_rate);
  if (measures_weights_) {
    report_.weight_norm = norm(weights_);
    at::_foreach_sub_(before, weights_);
    report_.update_ratio = report_.weight_norm > 0 ? norm(before) / report_.weight_norm : 0;
  }
  return true;
}

void Player::clip_weights(double limit) {
  torch::NoGradGuard no_grad;
  at::_foreach_clamp_min_(weights_, -limit);
  at::_foreach_clamp_max_(weights_, limit);
}

void Player::update_average(int64_t step) {
  if (!averaged_) return;
  torch::NoGradGuard no_grad;
  const auto steps = static_cast<double>(step);
  const double decay = std::min(ema_, (1 + steps) / (10 + steps));
  at::_foreach_lerp_(average_to_, average_from_, 1 - decay);
  if (!copy_to_.empty()) at::_foreach_copy_(copy_to_, copy_from_);
}

void Player::keep_buffers() {
  torch::NoGradGuard no_grad;
  if (!buffers_.empty()) at::_foreach_copy_(kept_buffers_, buffers_);
}

void Player::restore_buffers() {
  torch::NoGradGuard no_grad;
  if (!buffers_.empty()) at::_foreach_copy_(buffers_, kept_buffers_);
}

TensorMap Player::state() const {
  TensorMap state;
  const auto add_network = [&](const torch::nn::Module& network, const std::string& kind) {
    for (const auto& item : network.named_parameters()) state[name_ + "." + kind + "." + item.key()] = item.value();
    for (const auto& item : network.named_buffers()) state[name_ + "." + kind + "." + item.key()] = item.value();
  };
  add_network(*network_, "network");
  if (averaged_) add_network(*averaged_, "averaged");
  for (const auto& [key, tensor] : optimizer_->state()) state[name_ + ".optimizer." + key] = tensor;
  return state;
}

void complete_gradients(const std::vector<Player*>& players, const at::Tensor& loss) {
  std::vector<at::Tensor> weights;
  for (const Player* player : players)
    weights.insert(weights.end(), player->weights().begin(), player->weights().end());
  Team* team = present_team();
  if (team == nullptr || !team->sums_meanwhile(loss)) {
    loss.backward();
    if (team != nullptr) team->average(gradients_of(weights));
    return;
  }
  TravellingGradients gradients(*team, std::move(weights));
  loss.backward();
  gradients.arrive();
}

Frozen::Frozen(const Player& player) : weights_(player.weights()) {
  for (auto& weight : weights_) weight.set_requires_grad(false);
}

Frozen::~Frozen() {
  for (auto& weight : weights_) weight.set_requires_grad(true);
}

}  // namespace forger
