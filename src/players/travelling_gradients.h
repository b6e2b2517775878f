#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "core/team.h"

namespace forger {

/// While it lives, a backward pass sends each gradient to the rest of a team as soon as it is complete, some of them
/// together, and goes on meanwhile. For one backward pass: the last of a turn.
class TravellingGradients {
 public:
  /// The team has to sum such numbers meanwhile. Every process gives the same weights in the same order.
  TravellingGradients(Team& team, std::vector<at::Tensor> weights);
  ~TravellingGradients();
  TravellingGradients(const TravellingGradients&) = delete;
  TravellingGradients& operator=(const TravellingGradients&) = delete;

  /// After the backward pass: makes all gradients the team's mean. A weight that the loss does not depend on has a
  /// gradient of zeros, or what earlier passes gave it.
  void arrive();

 private:
  void complete(size_t weight);
  void send();

  Team& team_;
  std::vector<at::Tensor> weights_;
  std::vector<bool> is_complete_;
  std::vector<at::Tensor> waiting_;
  size_t waiting_bytes_ = 0;
  std::vector<std::function<void()>> on_the_way_;
};

}  // namespace forger
