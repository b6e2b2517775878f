#pragma once

#include <ATen/core/Generator.h>

#include <memory>
#include <vector>

#include "networks/layers.h"
#include "networks/network.h"

namespace forger {

/// Describes places of grids by numbers that can be compared (Park et al. 2020, arXiv 2007.15651, section 3.2): for
/// each level a perceptron of two layers.
class PlaceHeads : public Network {
 public:
  /// `channels`: of each level; `width`: numbers that describe a place.
  PlaceHeads(const std::vector<int64_t>& channels, int64_t width, const at::Generator& random);

  /// Of a level's grid `[N, C, H, W]`, at `places` (int64, in rows one after the other): `[N, places, width]` float32,
  /// of length 1 each.
  at::Tensor at_places(size_t level, const at::Tensor& grid, const at::Tensor& places);

 private:
  struct Head {
    std::shared_ptr<Linear> first, second;
  };
  std::vector<Head> heads_;
};

}  // namespace forger
