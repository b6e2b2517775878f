#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <string>
#include <vector>

#include "core/item_random.h"
#include "core/shape.h"
#include "players/optimizer.h"

namespace forger {

/// Earlier fakes, so that a discriminator does not only know the last ones (Shrivastava et al. 2017, arXiv 1612.07828):
/// while there is room each fake is kept; then every second one, by chance, takes the place of a kept one, which is
/// shown instead. Its content belongs to the state of the game.
class ImagePool {
 public:
  /// For `size` images; 0: the fakes themselves are shown.
  ImagePool(int64_t size, const ImageShape& shape, c10::Device device);

  /// What is shown in place of fakes `[N, C, H, W]` without their graph. Changes nothing. In a team the pool is one for
  /// the whole batch.
  at::Tensor shown_for(const at::Tensor& fakes, const ItemRandom& random);
  /// Keeps of the fakes that were asked about last those that are to stay.
  void keep();

  void add_state(TensorMap& state, const std::string& name) const;

 private:
  int64_t size_;
  at::Tensor images_;  // `[size, C, H, W]`
  at::Tensor count_;   // int64, those that are there
  at::Tensor fakes_;
  std::vector<int64_t> places_;  // of each fake; -1: it is not kept
};

}  // namespace forger
