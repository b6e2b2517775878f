#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <string>
#include <vector>

#include "forger/config.h"
#include "forger/step_report.h"
#include "players/optimizer.h"

namespace forger {

/// One network with its optimiser, its averaged (EMA) copy and its gradient statistics.
class Player {
 public:
  /// `averaged` is a second network of the same architecture that will hold the moving average of the weights, or null
  /// for none; `ema` its decay per step. Gradients and moving averages take the layout of their weights.
  Player(std::string name, std::shared_ptr<torch::nn::Module> network, const OptimizerOptions& options,
         std::shared_ptr<torch::nn::Module> averaged = nullptr, double ema = 0);

  const std::string& name() const { return name_; }
  int64_t turns_per_step() const { return options_.turns_per_step; }
  const std::vector<at::Tensor>& weights() const { return weights_; }

  /// Multiplies the learning rate from now on (schedule, roll-back).
  void set_rate_factor(double factor) { rate_factor_ = factor; }
  /// Whether the coming turns measure weight norm and update ratio; if not, reports repeat the last ones. Measuring
  /// costs a copy of the weights.
  void measure_weights(bool on) { measures_weights_ = on; }

  /// Opens a turn: gradients are zero.
  void begin_turn();
  /// Adds the loss's gradient. The last one of a turn makes gradients complete, as `complete_gradients` does.
  void add_gradient(const at::Tensor& loss, bool is_last);
  /// Adds what `gradient`, arriving at `outputs`, means for this player's weights, and for no other's; the graph behind
  /// `outputs` stays.
  void add_gradient_at(const at::Tensor& outputs, const at::Tensor& gradient);
  /// Closes the turn after `complete_gradients`: the optimiser steps if the gradients are finite. Returns whether it
  /// did.
  bool end_turn();
  /// Limits every weight to [-limit, limit] (Wasserstein GAN, arXiv 1701.07875).
  void clip_weights(double limit);

  /// Moves the averaged copy towards the weights by 1 - min(ema, (1 + step) / (10 + step)). Buffers with fractions
  /// (running statistics of batch normalisation) are averaged alike, so that they fit the averaged weights; counters
  /// are copied.
  void update_average(int64_t step);

  /// Keeps the buffers of the network, and brings them back: a step that was not applied leaves no trace.
  void keep_buffers();
  void restore_buffers();

  PlayerReport report() const { return report_; }

  /// Everything that a step depends on, as live tensors (writing into them changes the player), by stable names that
  /// start with the player's.
  TensorMap state() const;

 private:
  std::string name_;
  std::shared_ptr<torch::nn::Module> network_;
  std::shared_ptr<torch::nn::Module> averaged_;
  OptimizerOptions options_;
  double ema_;
  std::vector<at::Tensor> weights_;
  std::vector<at::Tensor> buffers_, kept_buffers_;
  std::vector<at::Tensor> average_to_, average_from_;  // parameters and buffers with fractions
  std::vector<at::Tensor> copy_to_, copy_from_;        // counters
  std::unique_ptr<Optimizer> optimizer_;
  double rate_factor_ = 1;
  bool measures_weights_ = true;
  PlayerReport report_;
};

/// Adds the last gradient of the players' turns. Then their gradients are those of a team's whole batch; where that
/// pays, those that are complete travel during the rest of the backward pass.
void complete_gradients(const std::vector<Player*>& players, const at::Tensor& loss);

/// While it lives, the player's weights take no gradient: the other side's turn passes through them unchanged, at
/// about a third less work.
class Frozen {
 public:
  explicit Frozen(const Player& player);
  ~Frozen();
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;

 private:
  std::vector<at::Tensor> weights_;
};

}  // namespace forger
