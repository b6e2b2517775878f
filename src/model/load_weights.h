#pragma once

#include <torch/nn/module.h>

#include <string>

#include "model/model_file.h"

namespace forger {

/// Copies the tensors "PREFIX.*" into the network's parameters and buffers. Throws Error, naming `source` and the
/// tensor, when one is missing, superfluous, or of another shape or dtype.
void load_weights(torch::nn::Module& network, const ModelFile& model, const std::string& prefix,
                  const std::string& source);

}  // namespace forger
