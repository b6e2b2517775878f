#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <string_view>

namespace forger {

/// Tensors of a checkpoint or a model file that an earlier version wrote, by the names that they have now: "turns", the
/// discriminator's layer that names rotations, is "rotations"; an augmentation's strength is a discriminator's, and
/// goes where none plays.
std::map<std::string, at::Tensor> with_present_names(std::map<std::string, at::Tensor> tensors);

}  // namespace forger
